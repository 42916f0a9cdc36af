// Kinds of error of calls to stations (645-654). Their names are older than terminals.
#pragma once

#include "base/error.hpp"

namespace keel::servers {

inline constexpr ErrorKind kUnknownStation{645, "ocpp.unknown_station", ErrorClass::missing};
// The id of a call that was made already: it is not made again.
inline constexpr ErrorKind kCallIsKnown{646, "ocpp.call_is_known", ErrorClass::conflict};
inline constexpr ErrorKind kCallRefused{647, "ocpp.call_refused", ErrorClass::conflict};

}  // namespace keel::servers
