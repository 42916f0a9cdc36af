// SegmentStarts: where the last segments of a journal begin, and what each hangs on: from it a
// checkpoint is made (docs/journal-format.md, section 8b).
//
// Memory: kMostStarts entries of about 220 bytes.
#pragma once

#include <deque>
#include <optional>

#include "base/ids.hpp"
#include "journal/chain.hpp"

namespace keel::journal {

class SegmentStarts {
 public:
  static constexpr std::size_t kMostStarts = 256;

  // A group, in order; `stored` begins with its header.
  void passed(const GroupHeader& header, ByteView stored) {
    if (header.file_offset == kBlockBytes && knows_last_) {
      starts_.push_back(
          {.first_sequence = header.first_sequence,
           .checkpoint = {.first_segment = header.segment_index, .last_header = last_header_}});
      if (starts_.size() > kMostStarts) starts_.pop_front();
    }
    std::ranges::copy(stored.first(kGroupHeaderBytes), last_header_.begin());
    knows_last_ = true;
  }
  // The walk goes on there: the next group is the first of that segment.
  void begin_at(const Checkpoint& checkpoint) {
    starts_.clear();
    last_header_ = checkpoint.last_header;
    knows_last_ = true;
  }

  // Of the last segment that begins at or before the record at `position`; nothing: it is not known
  // any more, or it is the journal's first.
  std::optional<Checkpoint> at(Position position) const {
    std::optional<Checkpoint> found;
    for (const Start& start : starts_) {
      if (start.first_sequence > position) break;
      found = start.checkpoint;
    }
    return found;
  }

 private:
  struct Start {
    Position first_sequence;
    Checkpoint checkpoint;
  };
  std::deque<Start> starts_;  // rising
  std::array<std::byte, kGroupHeaderBytes> last_header_{};
  bool knows_last_ = false;
};

}  // namespace keel::journal
