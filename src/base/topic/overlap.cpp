#include "base/topic/overlap.hpp"

#include "base/topic/topic_filter.hpp"

namespace keel::topic {

bool overlap(std::string_view a, std::string_view b) noexcept {
  // "$SYS/…" is matched by no filter that begins with a wildcard.
  if ((is_hidden(a) && has_wildcard(b.substr(0, 1))) ||
      (is_hidden(b) && has_wildcard(a.substr(0, 1)))) {
    return false;
  }
  LevelReader left(a);
  LevelReader right(b);
  while (!left.done() && !right.done()) {
    const std::string_view one = left.next();
    const std::string_view other = right.next();
    if (one == "#" || other == "#") return true;
    if (one != "+" && other != "+" && one != other) return false;
  }
  if (left.done() && right.done()) return true;
  // "a/#" matches "a" as well; "/#" would match the empty topic with "+", and there is none.
  LevelReader& longer = left.done() ? right : left;
  const std::string_view with_more = left.done() ? b : a;
  return longer.next() == "#" && with_more != "/#";
}

}  // namespace keel::topic
