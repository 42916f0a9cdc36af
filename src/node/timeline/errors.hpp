// Kinds of error of node/timeline (790-794).
#pragma once

#include "base/error.hpp"

namespace keel::node {

// Nothing of that session or correlation is known here.
inline constexpr ErrorKind kNoTimeline{790, "timeline.none", ErrorClass::missing};
// The index has not come so far yet.
inline constexpr ErrorKind kTimelineBehind{791, "timeline.behind", ErrorClass::retry_later};
// The index does not lead to records of the session: its directory is to be deleted.
inline constexpr ErrorKind kWrongTimeline{792, "timeline.wrong_index", ErrorClass::corrupt};
// The table of keys has no room for another one.
inline constexpr ErrorKind kTimelineFull{793, "timeline.full", ErrorClass::overload};

}  // namespace keel::node
