// Kinds of error of modules/charging (1200-1249).
#pragma once

#include "base/error.hpp"

namespace keel::charging {

// A payload that cannot be read, or a value outside of its bounds.
inline constexpr ErrorKind kBadRequest{1200, "charging.bad_request", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownType{1201, "charging.unknown_type", ErrorClass::invalid};
// A table has as many rows as it may have.
inline constexpr ErrorKind kTooMany{1202, "charging.too_many", ErrorClass::overload};
// The terms of a tariff make no sense; the sentence names the field.
inline constexpr ErrorKind kBadTariff{1203, "charging.bad_tariff", ErrorClass::invalid};

// An outcome that is no success, where a server answers with an error: its name is in the sentence.
inline constexpr ErrorKind kRefused{1210, "charging.refused", ErrorClass::conflict};
inline constexpr ErrorKind kNotThere{1211, "charging.not_there", ErrorClass::missing};

}  // namespace keel::charging
