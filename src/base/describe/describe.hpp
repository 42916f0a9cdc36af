// Described structs: one definition, from which every format follows (wire.hpp, base/json,
// base/schema).
//
//   struct OpenAccount {
//     AccountId id;
//     Side side = {};
//     std::string note;
//     std::vector<Line> lines;
//
//     static constexpr auto description() {
//       return describe<OpenAccount>("keel.ledger.OpenAccount",
//           field<1>("id", &OpenAccount::id, required()),
//           field<2>("side", &OpenAccount::side, doc("Which side grows.")),
//           field<4>("note", &OpenAccount::note, personal("id")),
//           field<5>("lines", &OpenAccount::lines),
//           reserved<3>("limit"));
//     }
//   };
//
//   enum class Side : std::uint8_t { debit = 0, credit = 1 };
//   constexpr auto description(std::type_identity<Side>) {
//     return describe_enum<Side>("keel.ledger.Side", enumerator("debit", Side::debit),
//                                enumerator("credit", Side::credit));
//   }
//
// Fields are named in lower_snake_case, except in structs of packages that are not keel's: a
// foreign protocol spells its names itself. A field's number is its identity for ever; the number
// of a field that is gone stands reserved. A default-constructed struct holds zeros only, because
// an absent field means zero (asserted when its schema is made). What else is wrong in a
// description does not compile.
//
// Members may be: bool, integers up to 64 bits, uint128, StrongId, Timestamp, Duration, std::string
// (UTF-8), Bytes, std::array<std::byte, N>, described enums, Flags<> of one, described structs; and
// std::optional or std::vector of any of these.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/describe/struct_info.hpp"
#include "base/flags.hpp"
#include "base/time.hpp"

namespace keel {

// --- the words of a description ---
struct DocAttribute {
  std::string_view text;
};
struct PersonalAttribute {
  std::string_view subject;
};
struct SecretAttribute {};
struct DeprecatedAttribute {};
struct RequiredAttribute {};
struct MaxLengthAttribute {
  std::uint32_t characters;
};

constexpr DocAttribute doc(std::string_view text) {
  return {text};
}
constexpr PersonalAttribute personal(std::string_view subject) {
  return {subject};
}
constexpr SecretAttribute secret() {
  return {};
}
constexpr DeprecatedAttribute deprecated() {
  return {};
}
constexpr RequiredAttribute required() {
  return {};
}
constexpr MaxLengthAttribute max_length(std::uint32_t characters) {
  return {characters};
}

namespace detail {

constexpr void add_to(Attributes& all, DocAttribute attribute) {
  all.doc = attribute.text;
}
constexpr void add_to(Attributes& all, PersonalAttribute attribute) {
  all.subject = attribute.subject;
}
constexpr void add_to(Attributes& all, SecretAttribute) {
  all.secret = true;
}
constexpr void add_to(Attributes& all, DeprecatedAttribute) {
  all.deprecated = true;
}
constexpr void add_to(Attributes& all, RequiredAttribute) {
  all.required = true;
}
constexpr void add_to(Attributes& all, MaxLengthAttribute attribute) {
  all.max_length = attribute.characters;
}

}  // namespace detail

template <typename Struct, typename Member>
struct FieldDescription {
  std::uint32_t number;
  std::string_view name;
  Member Struct::* member;
  Attributes attributes;
};

template <std::uint32_t Number, typename Struct, typename Member, typename... Attribute>
constexpr FieldDescription<Struct, Member> field(std::string_view name, Member Struct::* member,
                                                 Attribute... attribute) {
  static_assert(Number >= 1 && Number <= 536'870'911, "a field's number is 1 to 2^29 - 1");
  static_assert(Number < 19'000 || Number > 19'999, "19000 to 19999 belong to Protocol Buffers");
  Attributes attributes;
  (detail::add_to(attributes, attribute), ...);
  return {Number, name, member, attributes};
}

template <std::uint32_t Number>
constexpr Reserved reserved(std::string_view name = {}) {
  return {Number, name};
}

template <typename Struct, typename... Item>
struct Description {
  std::string_view name;
  std::string_view doc;
  std::tuple<Item...> items;
};

template <typename Struct, typename... Item>
constexpr Description<Struct, Item...> describe(std::string_view name, Item... item) {
  return {name, {}, {item...}};
}
template <typename Struct, typename... Item>
constexpr Description<Struct, Item...> describe(std::string_view name, DocAttribute doc,
                                                Item... item) {
  return {name, doc.text, {item...}};
}

template <typename E>
constexpr EnumeratorInfo enumerator(std::string_view name, E value) {
  return {name, static_cast<std::uint64_t>(value)};
}

template <typename E, std::size_t Enumerators, std::size_t Reserveds>
struct EnumDescription {
  std::string_view name;
  std::array<EnumeratorInfo, Enumerators> enumerators{};
  std::array<Reserved, Reserveds> reserved{};
};

template <typename E, typename... Item>
constexpr auto describe_enum(std::string_view name, Item... item) {
  constexpr std::size_t kReserved = (0 + ... + (std::is_same_v<Item, Reserved> ? 1 : 0));
  EnumDescription<E, sizeof...(Item) - kReserved, kReserved> made{name};
  std::size_t enumerators = 0;
  std::size_t reserveds = 0;
  const auto place = [&](auto one) {
    if constexpr (std::is_same_v<decltype(one), Reserved>) {
      made.reserved[reserveds++] = one;
    } else {
      made.enumerators[enumerators++] = one;
    }
  };
  (place(item), ...);
  return made;
}

template <typename T>
concept Described = requires { T::description(); };
template <typename E>
concept DescribedEnum = std::is_enum_v<E> && requires { description(std::type_identity<E>{}); };

// The table of T.
template <Described T>
constexpr const StructInfo& info();

}  // namespace keel

#include "base/describe/make_info.hpp"  // how descriptions become tables
