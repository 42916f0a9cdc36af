// Kinds of error of node/ocmf (751-752).
#pragma once

#include "base/error.hpp"

namespace keel::node {

// The signature of a meter value is not the key's, or the key is not of the curve that is named.
inline constexpr ErrorKind kForgedReading{751, "ocmf.forged", ErrorClass::corrupt};
inline constexpr ErrorKind kBadMeterKey{752, "ocmf.bad_key", ErrorClass::invalid};

}  // namespace keel::node
