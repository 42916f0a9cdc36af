// Kinds of error of node/bulk (730-739).
#pragma once

#include "base/error.hpp"

namespace keel::node {

inline constexpr ErrorKind kBadFile{730, "bulk.bad_file", ErrorClass::invalid};
inline constexpr ErrorKind kBadRow{731, "bulk.bad_row", ErrorClass::invalid};
// The ledger has refused rows; standard error has said which.
inline constexpr ErrorKind kRowsRefused{732, "bulk.rows_refused", ErrorClass::invalid};
inline constexpr ErrorKind kCannotWrite{733, "bulk.cannot_write", ErrorClass::invalid};

}  // namespace keel::node
