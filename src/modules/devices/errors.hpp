// Kinds of error of modules/devices (1300-1399).
#pragma once

#include "base/error.hpp"

namespace keel::devices {

// A payload that cannot be read, or a value outside of its bounds; the sentence names the field.
inline constexpr ErrorKind kBadRequest{1300, "devices.bad_request", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownType{1301, "devices.unknown_type", ErrorClass::invalid};
// A table has as many rows as it may have.
inline constexpr ErrorKind kTooMany{1302, "devices.too_many", ErrorClass::overload};
// A document is not JSON (RFC 8259), or is none that a twin takes; the sentence says where.
inline constexpr ErrorKind kBadDocument{1303, "devices.bad_document", ErrorClass::invalid};
// A document, or the part of a twin that it would make, is over a bound.
inline constexpr ErrorKind kTooLarge{1304, "devices.too_large", ErrorClass::invalid};

}  // namespace keel::devices
