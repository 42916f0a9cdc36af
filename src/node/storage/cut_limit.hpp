// cut_limit(): where the records begin that somebody may still need. What stands before may leave
// the data directory for an archive of old segments.
//
// Needed is: the tail behind a snapshot that this program can start from, with its settled rows on
// disk, whole; and what a projection or an outbox of the node has not taken in yet (their positions
// lie in `positions`, docs/operations.md). Commands that may come again are the business of
// journal::ArchiveOptions::not_later_than.
//
// Reads only; a node may run. Thread: one core. Memory: the state, as a start needs it.
#pragma once

#include <string>

#include "engine/state/cell_state.hpp"
#include "journal/format.hpp"
#include "runtime/core.hpp"

namespace keel::node {

struct CutJob {
  std::string journal;
  std::string snapshots;  // empty: a start uses none
  std::string rows;       // the archive of settled rows; empty: a start uses none
  std::string positions;
  CellId cell{1};
  journal::SegmentClass segment_class = journal::SegmentClass::main;
  engine::ModuleFactory modules;
  engine::CellState::Limits limits{};
};

struct CutLimit {
  Position before;  // records from here on stay
  Error why;        // they are needed
};
// kNoGoodSnapshot: a start would need the whole journal; kRowsNotWhole: settled rows on disk are
// damaged, and only the journal has them; kPositionUnknown: a position cannot be read. The `why` of
// a limit is kSnapshotBehind or kReaderBehind.
runtime::Task<Result<CutLimit>> cut_limit(runtime::Core& core, CutJob job);

}  // namespace keel::node
