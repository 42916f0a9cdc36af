// Kinds of error of base/ (1-99).
#pragma once

#include "base/error.hpp"

namespace keel {

inline constexpr ErrorKind kTruncated{1, "base.truncated", ErrorClass::invalid};
inline constexpr ErrorKind kBadText{2, "base.bad_text", ErrorClass::invalid};
inline constexpr ErrorKind kOutOfRange{3, "base.out_of_range", ErrorClass::invalid};
inline constexpr ErrorKind kFull{4, "base.full", ErrorClass::overload};
// Two currencies in one sum.
inline constexpr ErrorKind kMixedCurrencies{5, "base.mixed_currencies", ErrorClass::invalid};

}  // namespace keel
