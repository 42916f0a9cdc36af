// Views of bytes, and cursors that read and write little-endian integers at a bounded place. Every
// access is checked; a reader that runs out answers with an error and never reads past its view.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/assert.hpp"
#include "base/errors.hpp"
#include "base/result.hpp"
#include "base/strong_id.hpp"

namespace keel {

static_assert(std::endian::native == std::endian::little,
              "Keel's stored formats are little-endian");

using ByteView = std::span<const std::byte>;  // does not own; the caller keeps the bytes alive
using ByteSpan = std::span<std::byte>;
using Bytes = std::vector<std::byte>;

template <typename T>
concept StoredInteger = std::integral<T> || std::same_as<T, uint128> || std::same_as<T, int128>;

inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The bytes of a trivially copyable object, as stored. T must have no padding.
template <typename T>
  requires(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>)
ByteView object_bytes(const T& object) {
  return std::as_bytes(std::span<const T, 1>(&object, 1));
}

inline void append(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// Reads at a cursor that only moves forward.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  std::size_t remaining() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }

  template <StoredInteger T>
  Result<T> read() {
    if (bytes_.size() < sizeof(T)) return kTruncated;
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }

  // The next `count` bytes, as a view into what this reader reads.
  Result<ByteView> take(std::size_t count) {
    if (bytes_.size() < count) return kTruncated;
    ByteView taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  template <typename T>
    requires(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>)
  Result<T> read_object() {
    if (bytes_.size() < sizeof(T)) return kTruncated;
    T object;
    std::memcpy(&object, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return object;
  }

 private:
  ByteView bytes_;
};

// Writes into a fixed span; writing past its end is a programmer's error (the caller has reserved).
class ByteWriter {
 public:
  explicit ByteWriter(ByteSpan bytes) : bytes_(bytes) {}

  std::size_t written() const noexcept { return written_; }
  std::size_t remaining() const noexcept { return bytes_.size() - written_; }

  template <StoredInteger T>
  void write(T value) {
    KEEL_ASSERT(remaining() >= sizeof(T));
    std::memcpy(bytes_.subspan(written_).data(), &value, sizeof(T));
    written_ += sizeof(T);
  }
  void write(ByteView bytes) {
    KEEL_ASSERT(remaining() >= bytes.size());
    if (!bytes.empty()) std::memcpy(bytes_.subspan(written_).data(), bytes.data(), bytes.size());
    written_ += bytes.size();
  }
  void fill(std::size_t count, std::byte value) {
    KEEL_ASSERT(remaining() >= count);
    std::memset(bytes_.subspan(written_).data(), static_cast<int>(value), count);
    written_ += count;
  }

 private:
  ByteSpan bytes_;
  std::size_t written_ = 0;
};

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);

}  // namespace keel
