#include "wire/http/head/media_type.hpp"

#include <algorithm>
#include <optional>

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {
namespace {

constexpr std::uint16_t kFullQuality = 1000;

void skip_space(std::string_view& text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

bool take(std::string_view& text, char c) noexcept {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view take_token(std::string_view& text) noexcept {
  const std::string_view token = text.substr(0, token_length(text));
  text.remove_prefix(token.size());
  return token;
}

// A token or a quoted string, with its quotes; empty when there is neither.
std::string_view take_value(std::string_view& text) noexcept {
  if (text.empty() || text.front() != '"') return take_token(text);
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  if (at >= text.size()) return {};
  const std::string_view value = text.substr(0, at + 1);
  text.remove_prefix(value.size());
  return value;
}

// 0 to 1 with at most three decimals.
std::optional<std::uint16_t> parse_quality(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text.front() != '0' && text.front() != '1')) {
    return std::nullopt;
  }
  unsigned quality = text.front() == '1' ? kFullQuality : 0;
  text.remove_prefix(1);
  if (!text.empty() && !take(text, '.')) return std::nullopt;
  unsigned weight = 100;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    quality += weight * static_cast<unsigned>(c - '0');
    weight /= 10;
  }
  if (quality > kFullQuality) return std::nullopt;
  return static_cast<std::uint16_t>(quality);
}

struct Range {
  MediaType media;
  std::uint16_t quality = kFullQuality;
};

// type "/" subtype *( OWS ";" OWS name "=" value ), as far as it goes.
std::optional<Range> take_range(std::string_view& text) noexcept {
  Range range;
  range.media.type = take_token(text);
  if (range.media.type.empty() || !take(text, '/')) return std::nullopt;
  range.media.subtype = take_token(text);
  if (range.media.subtype.empty()) return std::nullopt;
  skip_space(text);
  const std::string_view from = text;
  while (take(text, ';')) {
    skip_space(text);
    const std::string_view name = take_token(text);
    if (name.empty() || !take(text, '=')) return std::nullopt;
    const std::string_view value = take_value(text);
    if (value.empty()) return std::nullopt;
    if (equals_ignoring_case(name, "q")) {
      const auto quality = parse_quality(value);
      if (!quality) return std::nullopt;
      range.quality = *quality;
    }
    skip_space(text);
  }
  range.media.parameters = from.substr(0, from.size() - text.size());
  if (!range.media.parameters.empty()) {
    range.media.parameters = trim(range.media.parameters.substr(1));
  }
  return range;
}

// 0 when it does not match; else the more the more specific it is.
int specificity(const MediaType& range, std::string_view essence) noexcept {
  if (range.is(essence)) return 3;
  if (range.subtype != "*") return 0;
  if (range.type == "*") return 1;
  return equals_ignoring_case(range.type, essence.substr(0, essence.find('/'))) ? 2 : 0;
}

}  // namespace

bool MediaType::is(std::string_view essence) const noexcept {
  const std::size_t slash = essence.find('/');
  return slash != std::string_view::npos && equals_ignoring_case(type, essence.substr(0, slash)) &&
         equals_ignoring_case(subtype, essence.substr(slash + 1));
}

Result<MediaType> parse_media_type(std::string_view text) {
  const auto range = take_range(text);
  if (!range || !text.empty()) return kBadMediaType;
  return range->media;
}

Result<std::uint16_t> accept_quality(std::string_view accept, std::string_view essence) {
  skip_space(accept);
  if (accept.empty()) return kFullQuality;
  int best = 0;
  std::uint16_t quality = 0;
  while (!accept.empty()) {
    if (!take(accept, ',')) {
      const auto range = take_range(accept);
      if (!range || (!accept.empty() && accept.front() != ',')) return kBadMediaType;
      const int match = specificity(range->media, essence);
      if (match > best) {
        best = match;
        quality = range->quality;
      }
    }
    skip_space(accept);
  }
  return quality;
}

}  // namespace keel::http
