// Kinds of error of node/client (720-729).
#pragma once

#include "base/error.hpp"

namespace keel::node {

inline constexpr ErrorKind kBadUrl{720, "client.bad_url", ErrorClass::invalid};
inline constexpr ErrorKind kNoAnswer{721, "client.no_answer", ErrorClass::unavailable};
// The node has answered, but not with what a working node answers.
inline constexpr ErrorKind kUnexpectedAnswer{722, "client.unexpected_answer", ErrorClass::bug};
// The node has refused the request; its problem document follows.
inline constexpr ErrorKind kRefused{723, "client.refused", ErrorClass::invalid};

}  // namespace keel::node
