// Stored: what the key and the row of a table must be: bytes without padding, so that equal values
// have equal bytes; or nothing at all (Unit, the row of a table that is a set of keys).
#pragma once

#include <type_traits>

#include "base/bytes.hpp"

namespace keel::kernel {

template <typename T>
concept Stored = std::is_trivially_copyable_v<T> &&
                 (std::has_unique_object_representations_v<T> || std::is_empty_v<T>);

struct Unit {};

template <Stored T>
inline constexpr std::uint32_t stored_size = std::is_empty_v<T> ? 0 : sizeof(T);

template <Stored T>
ByteView stored_bytes(const T& value [[clang::lifetimebound]]) {
  if constexpr (std::is_empty_v<T>) {
    return {};
  } else {
    return object_bytes(value);
  }
}

template <Stored T>
Result<T> read_stored(ByteReader& reader) {
  if constexpr (std::is_empty_v<T>) {
    return T{};
  } else {
    return reader.read_object<T>();
  }
}

}  // namespace keel::kernel
