// Kinds of error of node/storage (740-749).
#pragma once

#include "base/error.hpp"

namespace keel::node {

// Why segments are not moved to an archive.
inline constexpr ErrorKind kNoGoodSnapshot{740, "storage.no_good_snapshot", ErrorClass::missing};
inline constexpr ErrorKind kRowsNotWhole{741, "storage.rows_not_whole", ErrorClass::corrupt};
inline constexpr ErrorKind kSnapshotBehind{742, "storage.snapshot_behind", ErrorClass::conflict};
inline constexpr ErrorKind kReaderBehind{743, "storage.reader_behind", ErrorClass::conflict};
inline constexpr ErrorKind kPositionUnknown{744, "storage.position_unknown", ErrorClass::corrupt};

}  // namespace keel::node
