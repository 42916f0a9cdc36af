// Cutting the oldest segments off a journal (docs/journal-format.md, section 8a): what archive()
// and discard() share. Thread: the core of the disk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "journal/format.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

struct CutWanted {
  std::string directory;
  SegmentClass segment_class = SegmentClass::main;
  Position before;  // records from here on stay
  // Segments that hold anything later than this stay.
  std::optional<Timestamp> not_later_than{};
  std::uint64_t not_beyond = UINT64_MAX;  // this segment stays, and those behind it
};

// Ascending.
runtime::Task<Result<std::vector<std::uint64_t>>> segments_of(runtime::Disk& disk,
                                                              const std::string& directory,
                                                              SegmentClass segment_class);

// The first segment that stays, where the journal begins with segment `beginning`. kNoSuchPosition:
// not one whole segment may go; kTooYoung: but for its age one might.
runtime::Task<Result<std::uint64_t>> choose_cut(runtime::Disk& disk, const CutWanted& wanted,
                                                std::uint64_t beginning);

// Durable when it returns.
runtime::Task<Result<>> write_cut(runtime::Disk& disk, const std::string& directory,
                                  SegmentClass segment_class, const CutRecord& cut);

// Writes the record, then removes what lies before, from the lowest segment on: a power cut between
// leaves a journal that begins at the cut.
runtime::Task<Result<>> cut_off(runtime::Disk& disk, const std::string& directory,
                                SegmentClass segment_class, const CutRecord& cut);

}  // namespace keel::journal
