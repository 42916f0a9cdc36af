#include "wire/ocpp/message_name.hpp"

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"

namespace keel::ocpp {
namespace {

constexpr std::size_t kShort = 15;  // the first byte of a short one is zero
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kUuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

bool is_printable(unsigned each) {
  return each > ' ' && each <= '~';
}

std::optional<uint128> uuid_of(std::string_view text) {
  if (text.size() != kUuid.size()) return std::nullopt;
  uint128 number = 0;
  for (std::size_t i = 0; i < kUuid.size(); ++i) {
    if (kUuid.at(i) == '-') {
      if (text.at(i) != '-') return std::nullopt;
      continue;
    }
    const std::size_t digit = kDigits.find(text.at(i));
    if (digit == std::string_view::npos) return std::nullopt;
    number = number << 4 | digit;
  }
  return number;
}

uint128 short_text(std::string_view text) {
  uint128 number = 0;
  for (const char each : text) number = number << 8 | static_cast<unsigned char>(each);
  return number;
}

std::string as_uuid(uint128 number) {
  std::string text(kUuid);
  for (std::size_t i = text.size(); i-- > 0;) {
    if (text.at(i) == '-') continue;
    text.at(i) = kDigits.at(static_cast<std::size_t>(number & 15));
    number >>= 4;
  }
  return text;
}

}  // namespace

CausationId name_message(std::string_view id) {
  if (const std::optional<uint128> uuid = uuid_of(id)) return CausationId(*uuid);
  const bool fits = id.size() <= kShort && std::ranges::all_of(id, [](char each) {
                      return is_printable(static_cast<unsigned char>(each));
                    });
  if (fits) return CausationId(short_text(id));
  const Digest digest = sha256(as_bytes(id));
  return CausationId(ByteReader(digest).read<uint128>().value());
}

std::string message_of(CausationId name) {
  std::string text;
  for (uint128 rest = name.value(); rest != 0; rest >>= 8) {
    const auto each = static_cast<unsigned>(rest & 0xff);
    if (!is_printable(each) || text.size() == kShort) return as_uuid(name.value());
    text += static_cast<char>(each);
  }
  std::ranges::reverse(text);
  return text;
}

}  // namespace keel::ocpp
