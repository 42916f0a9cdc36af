// discard(): removes the oldest segments of a class that retention may remove, whole ones, and
// leaves the record of the cut behind, so that what is left is still verifiable. Segments of class
// main hold money: they are archived (archive.hpp), and refused here.
//
// The journal may be open; the segment in use never goes, and readers of what went are told
// kArchived. What goes is read once more (its records are checked on the offload thread): a chain
// that is not whole is not cut. Thread: one core. Memory: bounded.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "journal/format.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

struct DiscardOptions {
  std::string directory;
  SegmentClass segment_class = SegmentClass::stream;
  Position before;  // records from here on stay
  // Segments that hold anything later than this stay.
  std::optional<Timestamp> not_later_than{};
  std::uint64_t not_beyond = UINT64_MAX;  // this segment stays, and those behind it
};

struct DiscardReport {
  std::uint64_t segments = 0;       // removed now
  std::uint64_t first_segment = 1;  // the first one that is left
  Position last;                    // last record that was removed
};

// kBadOptions: the class is not one that retention may remove; kNoSuchPosition, kTooYoung: as
// choose_cut(); kCorrupt.
runtime::Task<Result<DiscardReport>> discard(runtime::Core& core, DiscardOptions options);

}  // namespace keel::journal
