#include "base/json/expectation.hpp"

#include "base/json/json_writer.hpp"
#include "base/text/decimal.hpp"
#include "base/text/edit_distance.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

constexpr std::size_t kMostQuoted = 40;

std::string any_of(const EnumInfo& enumeration) {
  std::string names;
  for (const EnumeratorInfo& enumerator : enumeration.enumerators) {
    if (!names.empty()) names += ", ";
    append_json_text(names, enumerator.name);
  }
  return names;
}

}  // namespace

std::string expectation(const MemberType& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::unsigned_integer:
      return "an integer from 0 to " + std::to_string(largest_unsigned(type.value_size));
    case Kind::signed_integer: {
      const std::int64_t most = largest_signed(type.value_size);
      return "an integer from " + std::to_string(-most - 1) + " to " + std::to_string(most);
    }
    case Kind::uint128:
      return "a decimal integer from 0 to 2^128-1";
    case Kind::timestamp:
      return "a time like \"2026-11-23T15:04:05Z\"";
    case Kind::text:
      return "a text";
    case Kind::bytes:
      return "a text in base64";
    case Kind::fixed_bytes:
      return "a text of " + std::to_string(2 * type.value_size) + " hexadecimal digits";
    case Kind::enumeration:
      return "one of " + any_of(*type.enumeration);
    case Kind::flags:
      return "a list of any of " + any_of(*type.enumeration);
    case Kind::structure:
      return "an object";
  }
  return "";
}

std::string unknown_key(const StructInfo& info, std::string_view key) {
  std::string sentence = "unknown key ";
  append_json_text(sentence, shortened(key));
  std::string_view nearest;
  std::size_t best = std::max<std::size_t>(2, std::min(key.size(), kMostQuoted) / 3) + 1;
  for (const FieldInfo& field : info.fields) {
    if (key.size() > kMostQuoted) break;
    const std::size_t found = edit_distance(key, field.name);
    if (found < best) {
      best = found;
      nearest = field.name;
    }
  }
  if (!nearest.empty()) sentence += ", did you mean \"" + std::string(nearest) + "\"?";
  return sentence;
}

std::string shortened(std::string_view token) {
  if (token.size() <= kMostQuoted) return std::string(token);
  std::size_t end = 0;
  while (end < kMostQuoted) end += std::max<std::size_t>(1, utf8_length(token.substr(end)));
  return std::string(token.substr(0, end)) + "...";
}

}  // namespace keel
