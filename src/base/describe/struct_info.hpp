// The tables that a described struct (describe.hpp) turns into: what each format reads to encode,
// decode and document a type that it does not know. Objects are seen as their own bytes, so that
// every access is bounds-checked.
//
// Tables have static lifetime and are immutable: any thread may read them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace keel {

// What one value is. In memory / as protobuf / as JSON:
enum class Kind : std::uint8_t {
  boolean,           // bool / bool / true, false
  unsigned_integer,  // 1, 2, 4, 8 bytes / uint32, uint64 / a number; as decimal text where it has 8
                     // bytes
  signed_integer,    // the same / sint32, sint64 / the same
  uint128,           // uint128 / bytes, 16, little-endian / decimal text
  timestamp,         // Timestamp / sfixed64, nanoseconds / RFC 3339
  text,              // std::string, UTF-8 / string / text
  bytes,             // Bytes / bytes / base64
  fixed_bytes,       // std::array<std::byte, N> / bytes of just that size / hexadecimal
  enumeration,       // an enum / enum / the enumerator's name
  flags,             // Flags<enum> / uint32, uint64 / a list of the enumerators' names
  structure,         // a described struct / message / object
};

enum class Shape : std::uint8_t { single, optional, repeated };

// What a field's author says beside its type.
struct Attributes {
  std::string_view doc;  // one sentence for the documents that are made of the table
  std::string_view
      subject;  // personal data of the one whom this field of the same struct names; else empty
  bool secret = false;  // never shown: not in logs, not in error messages
  bool deprecated = false;
  bool required = false;         // a JSON object without this key is refused
  std::uint32_t max_length = 0;  // of a text that is read from JSON, in characters; 0: no limit

  // Must not be repeated in a message.
  bool confidential() const { return secret || !subject.empty(); }
};

// A number that had a meaning once and gets none again; the name likewise, where it is given.
struct Reserved {
  std::uint32_t number = 0;
  std::string_view name;
};

struct EnumeratorInfo {
  std::string_view name;
  std::uint64_t value = 0;
};

struct EnumInfo {
  std::string_view name;  // with its package: "keel.ledger.Side"
  std::span<const EnumeratorInfo> enumerators;
  std::span<const Reserved> reserved;

  const EnumeratorInfo* find(std::uint64_t value) const noexcept;
  const EnumeratorInfo* find(std::string_view enumerator) const noexcept;
  // All bits that mean something; of an enum that Flags<> holds.
  std::uint64_t all_bits() const noexcept;
};

struct StructInfo;

// What the formats must know of a member's C++ type.
struct MemberType {
  Kind kind = Kind::boolean;
  Shape shape = Shape::single;
  std::uint32_t size = 0;        // of the member
  std::uint32_t value_size = 0;  // of one value; differs from size where optional or repeated
  const EnumInfo* enumeration = nullptr;
  const StructInfo& (*structure)() = nullptr;
  // Optional: the value's bytes, or none. Repeated: those of all values, side by side.
  ByteView (*values)(ByteView member) = nullptr;
  // Optional: the value, made if it is not there. Repeated: one new value at the end. Empty where a
  // bounded container is full.
  ByteSpan (*add)(ByteSpan member) = nullptr;
};

struct FieldInfo {
  std::uint32_t number = 0;
  std::string_view name;
  MemberType type;
  Attributes attributes;
  std::size_t (*offset)(ByteView object) = nullptr;  // of the member, the same for every object

  ByteView member(ByteView object) const { return object.subspan(offset(object), type.size); }
  ByteSpan member(ByteSpan object) const { return object.subspan(offset(object), type.size); }
};

struct StructInfo {
  std::string_view name;  // with its package: "keel.ledger.OpenAccount"
  std::string_view doc;
  std::uint32_t size = 0;             // sizeof the struct
  std::span<const FieldInfo> fields;  // numbers ascend
  std::span<const Reserved> reserved;
  // Whether a default-constructed object holds nothing but zeros; asserted when a schema is made.
  bool (*defaults_are_zero)() = nullptr;

  const FieldInfo* find(std::uint32_t number) const noexcept;
  const FieldInfo* find(std::string_view field) const noexcept;
};

// "keel.ledger.OpenAccount" -> "keel.ledger", "OpenAccount".
std::string_view package_of(std::string_view name [[clang::lifetimebound]]) noexcept;
std::string_view short_name_of(std::string_view name [[clang::lifetimebound]]) noexcept;

// Views of values inside an object, by their C++ type. The sizes must agree.
template <typename T>
const T& value_as(ByteView bytes) {
  KEEL_ASSERT(bytes.size() == sizeof(T));
  return *static_cast<const T*>(static_cast<const void*>(bytes.data()));
}
template <typename T>
T& value_as(ByteSpan bytes) {
  KEEL_ASSERT(bytes.size() == sizeof(T));
  return *static_cast<T*>(static_cast<void*>(bytes.data()));
}

// Integers of 1, 2, 4 or 8 bytes (also enums and flags).
std::uint64_t load_unsigned(ByteView value);
std::int64_t load_signed(ByteView value);
void store_integer(ByteSpan value, std::uint64_t bits);
// The largest number that an integer of `size` bytes holds.
std::uint64_t largest_unsigned(std::size_t size);
std::int64_t largest_signed(std::size_t size);

// Whether the field holds nothing but zero, empty or absent: what a proto3 encoder leaves out.
bool is_default(const FieldInfo& field, ByteView member);

}  // namespace keel
