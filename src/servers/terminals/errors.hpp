// Kinds of error of servers/terminals (655-659).
#pragma once

#include "base/error.hpp"

namespace keel::servers {

// An action that terminals are not called with.
inline constexpr ErrorKind kNoSuchTerminalAction{655, "terminals.no_such_action",
                                                 ErrorClass::missing};

}  // namespace keel::servers
