// The constants of the wire format that encoder and decoder share. Internal to this folder.
#pragma once

#include <cstdint>

#include "base/describe/struct_info.hpp"

namespace keel::detail {

enum class WireType : std::uint8_t {
  varint = 0,
  fixed64 = 1,
  length = 2,
  group_start = 3,  // of proto2; skipped, never written
  group_end = 4,
  fixed32 = 5,
};

constexpr WireType wire_type_of(Kind kind) {
  switch (kind) {
    case Kind::boolean:
    case Kind::unsigned_integer:
    case Kind::signed_integer:
    case Kind::enumeration:
    case Kind::flags:
      return WireType::varint;
    case Kind::timestamp:
      return WireType::fixed64;
    case Kind::uint128:
    case Kind::text:
    case Kind::bytes:
    case Kind::fixed_bytes:
    case Kind::structure:
      return WireType::length;
  }
  return WireType::length;
}

// Whether a list of them is one length-delimited run.
constexpr bool is_packable(Kind kind) {
  return wire_type_of(kind) != WireType::length;
}

inline constexpr std::size_t kLongestVarint = 10;

// Writes to the front of `to`, which has room for the longest, and answers with the count of bytes.
inline std::size_t put_varint(ByteSpan to, std::uint64_t value) {
  std::size_t count = 0;
  for (; value >= 0x80; value >>= 7) to[count++] = static_cast<std::byte>(value | 0x80);
  to[count++] = static_cast<std::byte>(value);
  return count;
}

// Small numbers of either sign become small numbers: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t bits) {
  return static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1)));
}

}  // namespace keel::detail
