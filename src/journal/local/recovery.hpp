// recover(): what an opening of a journal begins with. Walks through what is there from the
// checkpoint on, or through everything when there is none that is right; refuses what is damaged,
// drops an incomplete last write (docs/journal-format.md, sections 7 and 8b), and says where the
// next group goes.
//
// Memory: bounded, whatever the journal's size.
#pragma once

#include <string>

#include "journal/chain.hpp"
#include "journal/local/checkpoint.hpp"
#include "journal/local/options.hpp"
#include "journal/local/sparse_index.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

struct Recovered {
  RecoveryReport report;
  ChainState state;
  ChainPoint beginning;  // not segment 1: the segments before were moved to an archive
  // Everything behind it was checked: the beginning, or the checkpoint.
  ChainPoint checked_from;
  SegmentStarts starts;
  WalkPlace end;  // where the next group goes; segment 0: nowhere yet
  std::uint64_t end_segment_bytes = 0;
  std::optional<std::uint64_t> spare_bytes;  // the segment behind that one is there, all zero
  std::uint64_t heads_end_bytes = 0;         // where the next signed head goes
};

// Groups with records go into the index. kCorrupt and kNewerFormat name file, offset and
// expectation; nothing has been changed then. Unless read_only, what was dropped is zeroed and what
// remains is synced before this returns.
runtime::Task<Result<Recovered>> recover(runtime::Core& core, std::string_view directory,
                                         const LocalOptions& options, SparseIndex& index);

// Checks what lies before a place of the journal as an opening does; kCorrupt as there.
runtime::Task<Result<>> check_before(runtime::Core& core, std::string_view directory,
                                     const LocalOptions& options, const ChainPoint& place,
                                     SparseIndex& index);

}  // namespace keel::journal
