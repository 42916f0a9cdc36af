// Kinds of error of kernel/ (100-199).
#pragma once

#include "base/error.hpp"

namespace keel::kernel {

// A snapshot's bytes do not fit the tables that they are loaded into.
inline constexpr ErrorKind kSnapshotMismatch{100, "kernel.snapshot_mismatch", ErrorClass::corrupt};
// A snapshot holds more rows than a table may have here.
inline constexpr ErrorKind kSnapshotTooLarge{101, "kernel.snapshot_too_large",
                                             ErrorClass::overload};

}  // namespace keel::kernel
