// Topic names, topic filters and shared subscriptions (MQTT 5, section 4.7 and 4.8.2; the same in
// 3.1.1). Which topics a filter matches: base/topic. Nothing here recurses, allocates, or keeps
// what it reads. That the text is UTF-8 without U+0000 is checked where it is read
// (field/text.hpp).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "base/topic/topic_filter.hpp"

namespace keel::mqtt {

// A filter that begins with this, a group and "/" is a shared subscription.
inline constexpr std::string_view kSharePrefix = "$share/";

// Reaching a bound is fine, one more is kTopicTooLong. The specification allows 65,535 bytes.
struct TopicLimits {
  std::size_t bytes = 4'096;
  std::size_t levels = 128;
};

using topic::covers;
using topic::has_wildcard;
using topic::is_hidden;
using topic::LevelReader;
using topic::matches;

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

}  // namespace keel::mqtt
