// Makes any sample::Everything, for property tests.
#pragma once

#include <rapidcheck.h>

#include "base/describe/testing/sample.hpp"

namespace keel::sample {

// Texts from one character of each length of UTF-8 and those that JSON escapes.
inline std::string any_text() {
  static const std::array<std::string, 9> pieces{
      "a", "\"", "\\", "\n", std::string(1, '\0'), "\x7f", "é", "€", "\xf0\x9f\x92\xb6"};
  std::string text;
  for (std::size_t piece :
       *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 9))) {
    text += pieces[piece];
  }
  return text;
}

template <typename T>
T any_number() {
  return *rc::gen::oneOf(
      rc::gen::arbitrary<T>(),
      rc::gen::element<T>(0, 1, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

inline uint128 any_uint128() {
  return uint128{any_number<std::uint64_t>()} << 64 | any_number<std::uint64_t>();
}

inline Bytes any_bytes() {
  Bytes bytes;
  for (std::uint8_t byte : *rc::gen::arbitrary<std::vector<std::uint8_t>>())
    bytes.push_back(std::byte{byte});
  return bytes;
}

inline Side any_side() {
  return *rc::gen::element(Side::debit, Side::credit, Side::both);
}

inline Line any_line() {
  return {any_uint128(), any_number<std::int64_t>(), any_text()};
}

template <typename Make>
auto any_list(Make make) {
  std::vector<decltype(make())> list(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& one : list) one = make();
  return list;
}

template <typename Make>
auto perhaps(Make make) {
  return *rc::gen::arbitrary<bool>() ? std::optional(make()) : std::nullopt;
}

inline Everything any_everything() {
  Everything all;
  all.yes = *rc::gen::arbitrary<bool>();
  all.tiny = any_number<std::uint8_t>();
  all.small = any_number<std::uint16_t>();
  all.medium = any_number<std::uint32_t>();
  all.large = any_number<std::uint64_t>();
  all.signed_tiny = any_number<std::int8_t>();
  all.signed_medium = any_number<std::int32_t>();
  all.signed_large = any_number<std::int64_t>();
  all.huge = any_uint128();
  all.command = CommandId(any_uint128());
  all.tenant = TenantId(any_number<std::uint32_t>());
  all.at = Timestamp{any_number<std::int64_t>()};
  all.wait = Duration{any_number<std::int64_t>()};
  all.note = any_text();
  all.blob = any_bytes();
  for (std::byte& byte : all.tag) byte = std::byte{any_number<std::uint8_t>()};
  all.side = any_side();
  if (*rc::gen::arbitrary<bool>()) all.options |= Option::linked;
  if (*rc::gen::arbitrary<bool>()) all.options |= Option::closed;
  all.line = any_line();
  all.maybe_number = perhaps(any_number<std::uint32_t>);
  all.maybe_huge = perhaps(any_uint128);
  all.maybe_note = perhaps(any_text);
  all.maybe_line = perhaps(any_line);
  all.numbers = any_list(any_number<std::uint32_t>);
  all.signed_numbers = any_list(any_number<std::int64_t>);
  all.times = any_list([] { return Timestamp{any_number<std::int64_t>()}; });
  all.sides = any_list(any_side);
  all.commands = any_list([] { return CommandId(any_uint128()); });
  all.notes = any_list(any_text);
  all.blobs = any_list(any_bytes);
  all.lines = any_list(any_line);
  return all;
}

}  // namespace keel::sample
