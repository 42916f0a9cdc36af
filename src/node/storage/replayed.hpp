// replay_journal(): the state that a journal leads to, at its end or at an earlier point, without a
// node: what `keel replay` prints and what the test of old journals compares.
//
// The journal is read only; a node may have it open. Thread: one core. Memory: the state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/hash/digest.hpp"
#include "engine/state/cell_state.hpp"
#include "engine/state/replay.hpp"
#include "journal/format.hpp"
#include "modules/ledger/requests.hpp"
#include "runtime/core.hpp"

namespace keel::node {

struct ReplayJob {
  std::string directory;  // a journal's, or a backup's
  CellId cell{1};
  journal::SegmentClass segment_class = journal::SegmentClass::main;
  std::optional<Position> until_position{};  // the last record that is applied
  std::optional<Timestamp> until_time{};     // no record later than this (cell time)
  engine::ModuleFactory modules;
  engine::CellState::Limits limits{};
  engine::ReplayProgress progress{};
};

struct Replayed {
  engine::ReplayReport report;
  Timestamp time;  // of the last record
  Digest state_hash{};
  std::vector<ledger::TrialBalance> ledgers;
  bool balanced = true;  // debits equal credits, in every ledger, also when added up anew
};
// kNoSuchPosition: the journal ends before it; else the errors of opening and of replay.
runtime::Task<Result<Replayed>> replay_journal(runtime::Core& core, ReplayJob job);

}  // namespace keel::node
