// Kinds of error of the fleet (755-764).
#pragma once

#include "base/error.hpp"

namespace keel::node {

inline constexpr ErrorKind kNotLetIn{755, "fleet.not_let_in", ErrorClass::denied};
inline constexpr ErrorKind kSubscriptionRefused{756, "fleet.subscription_refused",
                                                ErrorClass::denied};
inline constexpr ErrorKind kBrokerClosed{757, "fleet.broker_closed", ErrorClass::unavailable};
inline constexpr ErrorKind kBadFleet{758, "fleet.bad_options", ErrorClass::invalid};
// A CALLERROR.
inline constexpr ErrorKind kCallRefused{759, "fleet.call_refused", ErrorClass::invalid};
inline constexpr ErrorKind kNotEnrolled{760, "fleet.not_enrolled", ErrorClass::invalid};
// An echo server sent something else.
inline constexpr ErrorKind kNotEchoed{761, "fleet.not_echoed", ErrorClass::invalid};

}  // namespace keel::node
