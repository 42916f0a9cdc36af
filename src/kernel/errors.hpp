// Kinds of error of kernel/ (100-199).
#pragma once

#include "base/error.hpp"

namespace keel::kernel {

// A snapshot's bytes do not fit the tables that they are loaded into.
inline constexpr ErrorKind kSnapshotMismatch{100, "kernel.snapshot_mismatch", ErrorClass::corrupt};
// A snapshot holds more rows than a table may have here.
inline constexpr ErrorKind kSnapshotTooLarge{101, "kernel.snapshot_too_large",
                                             ErrorClass::overload};
// A snapshot stands on rows that the store on disk does not have.
inline constexpr ErrorKind kRowsMissing{102, "kernel.rows_missing", ErrorClass::corrupt};
// The key under which a person's data was sealed has been destroyed.
inline constexpr ErrorKind kSubjectErased{110, "kernel.subject_erased", ErrorClass::missing};
// There is no key for that person, or it was not asked for in time.
inline constexpr ErrorKind kSubjectUnknown{111, "kernel.subject_unknown", ErrorClass::bug};
// A sealed value is not what was sealed for that place.
inline constexpr ErrorKind kSealBroken{112, "kernel.seal_broken", ErrorClass::corrupt};

}  // namespace keel::kernel
