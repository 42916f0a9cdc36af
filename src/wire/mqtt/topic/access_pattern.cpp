#include "wire/mqtt/topic/access_pattern.hpp"

#include <algorithm>

#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {
namespace {

constexpr std::string_view kClientPlace = "%c";
constexpr std::string_view kUserPlace = "%u";

bool is_place(std::string_view level) noexcept {
  return level == kClientPlace || level == kUserPlace;
}

// A name that stands for one level, and for itself only. A first level that begins with "$" would
// lead into the topics of the server.
bool may_stand(std::string_view name, bool is_first) noexcept {
  if (name.empty() || name.find_first_of(std::string_view("+#/\0", 4)) != std::string_view::npos) {
    return false;
  }
  return !(is_first && is_hidden(name));
}

bool includes(Access granted, Access wanted) noexcept {
  return (static_cast<unsigned>(granted) & static_cast<unsigned>(wanted)) != 0;
}

}  // namespace

Result<AccessPattern> AccessPattern::make(std::string_view text, const TopicLimits& limits) {
  const auto checked = check_topic_filter(text, limits);
  if (!checked.ok()) return checked.error().is(kTopicTooLong) ? kTopicTooLong : kBadPattern;
  AccessPattern pattern;
  LevelReader levels(text);
  while (!levels.done()) {
    const std::string_view level = levels.next();
    if (is_place(level)) {
      pattern.has_places_ = true;
    } else if (level.find(kClientPlace) != std::string_view::npos ||
               level.find(kUserPlace) != std::string_view::npos) {
      return kBadPattern;  // "x%c": part of a level would be the client's to choose
    }
  }
  pattern.text_ = text;
  return pattern;
}

bool AccessPattern::fill(const ClientNames& names, std::string& filled) const {
  filled.clear();
  LevelReader levels(text_);
  for (bool first = true; !levels.done(); first = false) {
    std::string_view level = levels.next();
    if (is_place(level)) {
      level = level == kClientPlace ? names.client_id : names.user_name;
      if (!may_stand(level, first)) return false;
    }
    if (!first) filled += '/';
    filled += level;
  }
  return true;
}

bool AccessPattern::allows_topic(std::string_view topic, const ClientNames& names) const {
  if (!has_places_) return matches(text_, topic);
  std::string filled;
  return fill(names, filled) && matches(filled, topic);
}

bool AccessPattern::allows_filter(std::string_view filter, const ClientNames& names) const {
  if (!has_places_) return covers(text_, filter);
  std::string filled;
  return fill(names, filled) && covers(filled, filter);
}

bool AccessList::may_publish(std::string_view topic, const ClientNames& names) const {
  return std::ranges::any_of(rules_, [&](const AccessRule& rule) {
    return includes(rule.access, Access::publish) && rule.pattern.allows_topic(topic, names);
  });
}

bool AccessList::may_receive(std::string_view topic, const ClientNames& names) const {
  return std::ranges::any_of(rules_, [&](const AccessRule& rule) {
    return includes(rule.access, Access::subscribe) && rule.pattern.allows_topic(topic, names);
  });
}

bool AccessList::may_subscribe(std::string_view filter, const ClientNames& names) const {
  const auto parsed = parse_filter(filter, {.bytes = filter.size(), .levels = filter.size() + 1});
  if (!parsed.ok()) return false;
  return std::ranges::any_of(rules_, [&](const AccessRule& rule) {
    return includes(rule.access, Access::subscribe) &&
           rule.pattern.allows_filter(parsed->filter, names);
  });
}

}  // namespace keel::mqtt
