// Kinds of error of runtime/ and of the worlds behind its ports (400-499).
#pragma once

#include "base/error.hpp"

namespace keel::runtime {

inline constexpr ErrorKind kDeadline{400, "runtime.deadline", ErrorClass::cancelled};
inline constexpr ErrorKind kCancelled{401, "runtime.cancelled", ErrorClass::cancelled};
inline constexpr ErrorKind kConnectionLost{402, "runtime.connection_lost", ErrorClass::unavailable};
inline constexpr ErrorKind kConnectFailed{403, "runtime.connect_failed", ErrorClass::unavailable};
inline constexpr ErrorKind kListenFailed{404, "runtime.listen_failed", ErrorClass::unavailable};
inline constexpr ErrorKind kTooManyOpen{405, "runtime.too_many_open", ErrorClass::overload};
inline constexpr ErrorKind kAddressInUse{406, "runtime.address_in_use", ErrorClass::unavailable};
inline constexpr ErrorKind kNoSuchFile{410, "runtime.no_such_file", ErrorClass::missing};
inline constexpr ErrorKind kFileExists{411, "runtime.file_exists", ErrorClass::conflict};
inline constexpr ErrorKind kDiskFull{412, "runtime.disk_full", ErrorClass::overload};
inline constexpr ErrorKind kDiskFailed{413, "runtime.disk_failed", ErrorClass::unavailable};
inline constexpr ErrorKind kNotPermitted{414, "runtime.not_permitted", ErrorClass::denied};
inline constexpr ErrorKind kInUse{415, "runtime.in_use", ErrorClass::conflict};
inline constexpr ErrorKind kQueueFull{420, "runtime.queue_full", ErrorClass::overload};
inline constexpr ErrorKind kNoWorld{421, "runtime.no_world", ErrorClass::unavailable};

}  // namespace keel::runtime
