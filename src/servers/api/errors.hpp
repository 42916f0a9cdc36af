// Kinds of error of servers/api (600-629).
#pragma once

#include "base/error.hpp"

namespace keel::servers {

inline constexpr ErrorKind kBadBody{600, "api.bad_body", ErrorClass::invalid};
inline constexpr ErrorKind kBadParameter{601, "api.bad_parameter", ErrorClass::invalid};
inline constexpr ErrorKind kNoSuchRoute{602, "api.no_such_route", ErrorClass::missing};
inline constexpr ErrorKind kMethodNotAllowed{603, "api.method_not_allowed", ErrorClass::invalid};
inline constexpr ErrorKind kUnsupportedMediaType{604, "api.unsupported_media_type",
                                                 ErrorClass::invalid};
inline constexpr ErrorKind kNotAuthenticated{605, "api.not_authenticated", ErrorClass::denied};
inline constexpr ErrorKind kNotFound{606, "api.not_found", ErrorClass::missing};
inline constexpr ErrorKind kNotReady{607, "api.not_ready", ErrorClass::unavailable};
inline constexpr ErrorKind kBadIdempotencyKey{608, "api.bad_idempotency_key", ErrorClass::invalid};
inline constexpr ErrorKind kSumTooLarge{609, "api.sum_too_large", ErrorClass::invalid};

}  // namespace keel::servers
