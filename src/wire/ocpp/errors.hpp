// Kinds of error of wire/ocpp (440-459).
#pragma once

#include "base/error.hpp"

namespace keel::ocpp {

// One call at a time goes each way.
inline constexpr ErrorKind kCallUnderWay{441, "ocpp.call_under_way", ErrorClass::conflict};
// An action that the version does not have, or that goes the other way.
inline constexpr ErrorKind kNoSuchAction{442, "ocpp.no_such_action", ErrorClass::missing};
// An action that belongs to a profile that is not spoken here.
inline constexpr ErrorKind kActionNotSupported{443, "ocpp.action_not_supported",
                                               ErrorClass::missing};

}  // namespace keel::ocpp
