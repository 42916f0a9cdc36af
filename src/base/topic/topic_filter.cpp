#include "base/topic/topic_filter.hpp"

namespace keel::topic {

std::string_view LevelReader::next() noexcept {
  const std::size_t slash = rest_.find('/');
  const std::string_view level = rest_.substr(0, slash);
  if (slash == std::string_view::npos) {
    done_ = true;
  } else {
    rest_.remove_prefix(slash + 1);
  }
  return level;
}

bool matches(std::string_view filter, std::string_view topic) noexcept {
  if (is_hidden(topic) && has_wildcard(filter.substr(0, 1))) return false;
  LevelReader wanted(filter);
  LevelReader given(topic);
  while (!wanted.done()) {
    const std::string_view level = wanted.next();
    if (level == "#") return true;  // also the level above: "a/#" matches "a"
    if (given.done()) return false;
    const std::string_view name = given.next();
    if (level != "+" && level != name) return false;
    if (given.done() && !wanted.done()) return wanted.next() == "#";
  }
  return given.done();
}

bool covers(std::string_view wide, std::string_view narrow) noexcept {
  const bool narrow_hidden = is_hidden(narrow);
  if (narrow_hidden && has_wildcard(wide.substr(0, 1))) return false;
  LevelReader outer(wide);
  LevelReader inner(narrow);
  while (!outer.done()) {
    const std::string_view level = outer.next();
    if (level == "#") return true;
    if (inner.done()) return false;
    const std::string_view name = inner.next();
    if (name == "#") return false;
    if (level != "+" && level != name) return false;
    if (inner.done() && !outer.done()) return outer.next() == "#";
  }
  return inner.done();
}

std::string_view fixed_prefix(std::string_view filter) noexcept {
  const std::size_t wild = filter.find_first_of("+#");
  if (wild == std::string_view::npos) return filter;
  // "a/#" matches "a" as well.
  const bool optional = filter.substr(wild) == "#" && wild > 0;
  return filter.substr(0, optional ? wild - 1 : wild);
}

}  // namespace keel::topic
