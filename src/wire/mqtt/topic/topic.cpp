#include "wire/mqtt/topic/topic.hpp"

#include <algorithm>

#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {
namespace {

bool is_within(std::string_view text, const TopicLimits& limits) noexcept {
  if (text.size() > limits.bytes) return false;
  return static_cast<std::size_t>(std::ranges::count(text, '/')) < limits.levels;
}

bool is_filter(std::string_view text) noexcept {
  if (text.empty()) return false;
  LevelReader levels(text);
  while (!levels.done()) {
    const std::string_view level = levels.next();
    if (level.size() > 1 && has_wildcard(level)) return false;
    if (level == "#" && !levels.done()) return false;
  }
  return true;
}

}  // namespace

Result<> check_topic_name(std::string_view text, const TopicLimits& limits) {
  if (text.empty() || has_wildcard(text)) return kBadTopicName;
  if (!is_within(text, limits)) return kTopicTooLong;
  return success();
}

Result<> check_topic_filter(std::string_view text, const TopicLimits& limits) {
  if (!is_within(text, limits)) return kTopicTooLong;
  if (!is_filter(text)) return kBadTopicFilter;
  return success();
}

Result<ParsedFilter> parse_filter(std::string_view text, const TopicLimits& limits) {
  KEEL_TRY(check_topic_filter(text, limits));
  if (is_incomplete_share(text)) return kBadTopicFilter;
  if (!text.starts_with(kSharePrefix)) return ParsedFilter{.group = {}, .filter = text};
  const std::string_view rest = text.substr(kSharePrefix.size());
  const std::size_t slash = rest.find('/');
  const ParsedFilter parsed{.group = rest.substr(0, slash), .filter = rest.substr(slash + 1)};
  if (has_wildcard(parsed.group)) return kBadTopicFilter;
  return parsed;
}

bool is_incomplete_share(std::string_view text) noexcept {
  if (text == kSharePrefix.substr(0, kSharePrefix.size() - 1)) return true;
  if (!text.starts_with(kSharePrefix)) return false;
  text.remove_prefix(kSharePrefix.size());
  const std::size_t slash = text.find('/');
  return slash == 0 || slash == std::string_view::npos || slash + 1 == text.size();
}

}  // namespace keel::mqtt
