// LaneWalk: how far one query or fetch goes along a stream whose messages may be on disk. It holds
// every block of the archive that it looks at until it ends, and each message that it passes over
// for its topic may lie in a block of its own: large ones do, and small ones between those of other
// streams in the lane. So stretches of the lane are counted, not messages or bytes.
//
// The count follows from places alone, wherever the rows are: a fetch decides the same with and
// without an archive.
//
// Private to this folder.
#pragma once

#include <algorithm>

#include "modules/streams/state/messages.hpp"

namespace keel::streams {

class LaneWalk {
 public:
  // 16 KiB, a block of the archive. Four queries aside and the command at the head of the cell,
  // with a page of contents each, fit into the smallest cache that may be configured (16 MiB).
  static constexpr std::uint64_t kStretchRows = 128;
  static constexpr std::uint64_t kMostStretches = 128;

  // A message of so many rows, whose head and topic are looked at. False: that is too far for this
  // walk. The first never is.
  bool goes_to(Place place, std::uint64_t rows) noexcept {
    const std::uint64_t first = place.row() / kStretchRows;
    const std::uint64_t last = (place.row() + std::min(rows, kTopicRows) - 1) / kStretchRows;
    stretches_ += last - first + (first == last_ ? 0 : 1);
    last_ = last;
    return stretches_ <= kMostStretches;
  }

 private:
  std::uint64_t stretches_ = 0;
  std::uint64_t last_ = UINT64_MAX;
};

}  // namespace keel::streams
