// Topic names, topic filters and shared subscriptions (MQTT 5, section 4.7 and 4.8.2; the same in
// 3.1.1). Nothing here recurses, allocates, or keeps what it reads. That the text is UTF-8 without
// U+0000 is checked where it is read (field/text.hpp).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"

namespace keel::mqtt {

// A filter that begins with this, a group and "/" is a shared subscription.
inline constexpr std::string_view kSharePrefix = "$share/";

// Reaching a bound is fine, one more is kTopicTooLong. The specification allows 65,535 bytes.
struct TopicLimits {
  std::size_t bytes = 4'096;
  std::size_t levels = 128;
};

// Takes the levels of a topic off its front, one a call; "a//b" has three, the second empty.
class LevelReader {
 public:
  explicit LevelReader(std::string_view topic [[clang::lifetimebound]]) : rest_(topic) {}

  bool done() const noexcept { return done_; }
  // Only when not done().
  std::string_view next() noexcept;

 private:
  std::string_view rest_;
  bool done_ = false;
};

// "$SYS/…": filters that begin with a wildcard do not match it [MQTT-4.7.2-1].
constexpr bool is_hidden(std::string_view topic) noexcept {
  return topic.starts_with('$');
}
constexpr bool has_wildcard(std::string_view text) noexcept {
  return text.find_first_of("+#") != std::string_view::npos;
}

// At least one character, no wildcard [MQTT-4.7.1-1] [MQTT-4.7.3-1]. kBadTopicName, kTopicTooLong.
Result<> check_topic_name(std::string_view text, const TopicLimits& limits = {});

// At least one character, "+" and "#" alone in their levels, "#" last [MQTT-4.7.1-1] to
// [MQTT-4.7.1-3]; whatever it begins with. kBadTopicFilter, kTopicTooLong.
Result<> check_topic_filter(std::string_view text, const TopicLimits& limits = {});

// What a filter of SUBSCRIBE says. Views into the text that was parsed.
struct ParsedFilter {
  std::string_view group;   // of a shared subscription; empty for an ordinary one
  std::string_view filter;  // without "$share/" and the group

  bool is_shared() const noexcept { return !group.empty(); }
};

// Takes a filter apart: "$share/group/filter", or a plain filter. A group has at least one
// character and none of "/", "+", "#" [MQTT-4.8.2-1] [MQTT-4.8.2-2], and a filter follows it.
// kBadTopicFilter, kTopicTooLong.
Result<ParsedFilter> parse_filter(std::string_view text, const TopicLimits& limits = {});

// A shared filter that has no group or no filter: to be told from other bad filters, because the
// answer differs (0x82 where others are 0x81).
bool is_incomplete_share(std::string_view text) noexcept;

// Both valid. Constant memory; time is linear in the lengths.
bool matches(std::string_view filter, std::string_view topic) noexcept;

// Every topic that `narrow` matches is matched by `wide`: an access rule `wide` allows to subscribe
// to `narrow`. Both valid filters.
bool covers(std::string_view wide, std::string_view narrow) noexcept;

}  // namespace keel::mqtt
