// Kinds of error of runtime/tls/ (430-439).
#pragma once

#include "base/error.hpp"

namespace keel::runtime {

inline constexpr ErrorKind kBadCertificate{430, "tls.bad_certificate", ErrorClass::invalid};
inline constexpr ErrorKind kHandshakeFailed{431, "tls.handshake_failed", ErrorClass::denied};
inline constexpr ErrorKind kHandshakeTooLarge{432, "tls.handshake_too_large", ErrorClass::denied};
inline constexpr ErrorKind kStreamTruncated{433, "tls.stream_truncated", ErrorClass::unavailable};
inline constexpr ErrorKind kStreamBroken{434, "tls.stream_broken", ErrorClass::unavailable};

}  // namespace keel::runtime
