#include "wire/http/head/target.hpp"

#include <optional>

#include "wire/http/errors.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::http {
namespace {

// The length of the longest prefix that a path and query may be made of; a bad escape ends it.
std::size_t target_length(std::string_view text) noexcept {
  std::size_t length = 0;
  while (length < text.size()) {
    const char c = text[length];
    if (has_class(c, detail::kTargetCharacter)) {
      ++length;
    } else if (c == '%' && text.size() - length > 2 && hex_value(text[length + 1]) >= 0 &&
               hex_value(text[length + 2]) >= 0) {
      length += 3;
    } else {
      break;
    }
  }
  return length;
}

void split_query(std::string_view text, Target& target) noexcept {
  const std::size_t mark = text.find('?');
  target.path = text.substr(0, mark);
  target.query = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
}

bool is_port(std::string_view text) noexcept {
  const auto port = parse_decimal(text);
  return port && *port <= 65535 && text.size() <= 5;
}

bool is_ipv6(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > 45) return false;
  for (const char c : text) {
    if (hex_value(c) < 0 && c != ':' && c != '.') return false;
  }
  return text.find(':') != std::string_view::npos;
}

}  // namespace

Result<Target> parse_target(std::string_view text, Method method) {
  Target target;
  if (method == Method::connect) return kBadTarget;
  if (text == "*") {
    if (method != Method::options) return kBadTarget;
    target.form = TargetForm::asterisk;
    target.path = text;
    return target;
  }
  if (text.empty() || target_length(text) != text.size()) return kBadTarget;
  if (text.front() == '/') {
    split_query(text, target);
    return target;
  }
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return kBadTarget;
  const std::string_view scheme = text.substr(0, colon);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) {
    return kBadTarget;
  }
  std::string_view rest = text.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  target.form = TargetForm::absolute;
  target.authority = rest.substr(0, end);
  if (!is_host(target.authority)) return kBadTarget;
  split_query(rest.substr(end), target);
  if (target.path.empty()) target.path = "/";
  return target;
}

bool is_host(std::string_view text) noexcept {
  if (text.empty()) return false;
  std::string_view rest;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) return false;
    rest = text.substr(close + 1);
  } else {
    std::size_t length = 0;
    while (length < text.size() && has_class(text[length], detail::kHostCharacter)) ++length;
    if (length == 0) return false;
    rest = text.substr(length);
  }
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

Result<std::string_view> percent_decode(std::string_view text, std::span<char> out,
                                        PercentOptions options) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return kBadPercent;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return kBadPercent;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && options.plus_is_space) {
      c = ' ';
    }
    if (length == out.size()) return kOutputFull;
    out[length++] = c;
  }
  return std::string_view(out.data(), length);
}

Result<std::optional<QueryReader::Pair>> QueryReader::next() {
  if (rest_.empty()) return std::optional<Pair>();
  const std::size_t end = std::min(rest_.find('&'), rest_.size());
  const std::string_view element = rest_.substr(0, end);
  if (element.empty() || end + 1 == rest_.size()) return kBadQuery;
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  const std::size_t equals = element.find('=');
  if (equals == 0) return kBadQuery;
  if (equals == std::string_view::npos) return std::optional(Pair{element, {}});
  return std::optional(Pair{element.substr(0, equals), element.substr(equals + 1)});
}

Result<std::optional<std::string_view>> query_value(std::string_view query, std::string_view name,
                                                    std::span<char> out) {
  QueryReader reader(query);
  std::optional<std::string_view> found;
  while (const auto pair = KEEL_TRY(reader.next())) {
    if (pair->name != name) continue;
    if (found) return kBadQuery;
    found = KEEL_TRY(percent_decode(pair->value, out, {.plus_is_space = true}));
  }
  return found;
}

}  // namespace keel::http
