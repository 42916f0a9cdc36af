// Who may publish and subscribe where: topic filters with places for the client's own names. A name
// that a client chose never makes a pattern wider: one with "+", "#" or "/" in it (or none at all)
// matches nothing where its place stands.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {

// As the client and its authentication say.
struct ClientNames {
  std::string_view client_id;  // %c
  std::string_view user_name;  // %u; empty for a client without one
};

// "devices/%c/#": a filter in which %c and %u stand alone in their levels.
class AccessPattern {
 public:
  // kBadPattern for what is no filter, or has a place that does not fill its level; kTopicTooLong.
  static Result<AccessPattern> make(std::string_view text, const TopicLimits& limits = {});

  // May publish to, or receive from, this topic. Both are valid names.
  bool allows_topic(std::string_view topic, const ClientNames& names) const;
  // May subscribe to this filter, without "$share/…": every topic that it matches is allowed.
  bool allows_filter(std::string_view filter, const ClientNames& names) const;

  std::string_view text() const noexcept [[clang::lifetimebound]] { return text_; }

 private:
  AccessPattern() = default;
  // The filter for this client, or nothing where one of its names may not stand.
  bool fill(const ClientNames& names, std::string& filled) const;

  std::string text_;
  bool has_places_ = false;
};

enum class Access : std::uint8_t { publish = 1, subscribe = 2, both = 3 };

struct AccessRule {
  Access access = Access::both;
  AccessPattern pattern;
};

// Allows what one of its rules allows, and nothing else: no rules, no access.
class AccessList {
 public:
  void allow(AccessRule rule) { rules_.push_back(std::move(rule)); }

  bool may_publish(std::string_view topic, const ClientNames& names) const;
  // A filter as in SUBSCRIBE, valid: of a shared subscription what follows its group is judged.
  bool may_subscribe(std::string_view filter, const ClientNames& names) const;
  // Before a message goes to a subscriber.
  bool may_receive(std::string_view topic, const ClientNames& names) const;

  bool empty() const noexcept { return rules_.empty(); }

 private:
  std::vector<AccessRule> rules_;
};

}  // namespace keel::mqtt
