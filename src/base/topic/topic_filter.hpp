// Which topics a filter matches: names of levels with "/" between them, "+" for one level, "#" for
// the rest, as in MQTT (5, section 4.7). One piece for the protocol and for the modules. Nothing
// here recurses, allocates, or keeps what it reads; that names and filters are valid is checked by
// who reads them (wire/mqtt/topic).
#pragma once

#include <string_view>

namespace keel::topic {

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

// Both valid. Constant memory; time is linear in the lengths.
bool matches(std::string_view filter, std::string_view topic) noexcept;

// Every topic that `narrow` matches is matched by `wide`: an access rule `wide` allows to subscribe
// to `narrow`. Both valid filters.
bool covers(std::string_view wide, std::string_view narrow) noexcept;

// What every topic that `filter` matches begins with.
std::string_view fixed_prefix(std::string_view filter [[clang::lifetimebound]]) noexcept;

}  // namespace keel::topic
