// Kinds of error of archive/ (350-399).
#pragma once

#include "base/error.hpp"

namespace keel::archive {

// Stored bytes are not what was written; the detail names the file and the offset.
inline constexpr ErrorKind kDamaged{350, "archive.damaged", ErrorClass::corrupt};
// There is no manifest of the position that was asked for.
inline constexpr ErrorKind kNoManifest{351, "archive.no_manifest", ErrorClass::missing};
inline constexpr ErrorKind kNewerFormat{352, "archive.newer_format", ErrorClass::unavailable};
// The files were written for other tables, record sizes or indexes than those of this binary.
inline constexpr ErrorKind kOtherSchema{353, "archive.other_schema", ErrorClass::unavailable};
inline constexpr ErrorKind kBadOptions{354, "archive.bad_options", ErrorClass::invalid};
// One request wants more blocks at once than the cache may hold beside those of others.
inline constexpr ErrorKind kCacheFull{355, "archive.cache_full", ErrorClass::overload};
// There are as many sorted runs as there may be: nothing is taken in until some are merged.
inline constexpr ErrorKind kBehind{356, "archive.behind", ErrorClass::overload};
// commit() with a position that is not behind the last one.
inline constexpr ErrorKind kOutOfOrder{357, "archive.out_of_order", ErrorClass::conflict};
// The rows are those of another journal.
inline constexpr ErrorKind kOtherOwner{358, "archive.other_owner", ErrorClass::corrupt};

}  // namespace keel::archive
