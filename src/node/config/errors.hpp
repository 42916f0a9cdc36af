// Kinds of error of node/ (700-799).
#pragma once

#include "base/error.hpp"

namespace keel::node {

inline constexpr ErrorKind kBadConfig{700, "node.bad_config", ErrorClass::invalid};
inline constexpr ErrorKind kCannotStart{701, "node.cannot_start", ErrorClass::unavailable};
inline constexpr ErrorKind kBadToken{702, "node.bad_token", ErrorClass::invalid};

}  // namespace keel::node
