// Kinds of error of vault/ (380-389).
#pragma once

#include "base/error.hpp"

namespace keel::vault {

// Both copies of a block are damaged, or the files do not belong together; the detail names the
// place.
inline constexpr ErrorKind kDamaged{380, "vault.damaged", ErrorClass::corrupt};
// There are keys, but not the master key that they are wrapped under.
inline constexpr ErrorKind kNoMasterKey{381, "vault.no_master_key", ErrorClass::unavailable};
inline constexpr ErrorKind kNewerFormat{382, "vault.newer_format", ErrorClass::unavailable};
inline constexpr ErrorKind kFull{383, "vault.full", ErrorClass::overload};
inline constexpr ErrorKind kNoSuchSubject{384, "vault.no_such_subject", ErrorClass::missing};
// A write has failed: nothing is accepted until the vault is opened again.
inline constexpr ErrorKind kBroken{385, "vault.broken", ErrorClass::unavailable};

}  // namespace keel::vault
