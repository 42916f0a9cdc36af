#include "sim/torture/stage/watch.hpp"

#include <fmt/core.h>

namespace keel::torture {

void Watch::opened(const engine::Cell& cell) {
  settle();
  ++openings_;
  opened_from_ = cell.replay_report().from;
  const engine::ReplayReport& report = cell.replay_report();
  run_.say(fmt::format("{}: open at {}, replayed {} records from {}", name_, report.last.value(),
                       report.records, report.from.value()));
  run_.ahead_at_opening = std::max(run_.ahead_at_opening, clock_->wall() - run_.true_time());
  // Nothing has been decided yet: this is what the snapshot and the tail make.
  run_.told.hashes.push_back({.position = cell.durable(),
                              .hash = host_->cell()->state_hash(),
                              .where = name_ + ", opened"});
  run_.counts.add("opening");
  if (openings_ > 1) run_.counts.add("opening: again, after an unknown outcome");
  if (!report.from.is_zero()) run_.counts.add("opening: from a snapshot");
  if (!report.from.is_zero() && report.records > 0) {
    run_.counts.add("opening: from a snapshot and a tail");
  }
  for (const std::string& why : report.rejected_snapshots) {
    run_.counts.add("opening: a snapshot rejected");
    run_.say(name_ + ": a snapshot rejected", why);
  }
  for (const std::string& why : report.rejected_archives) {
    run_.counts.add("opening: an archive rejected");
    run_.say(name_ + ": an archive rejected", why);
  }
}

void Watch::failed(const Error& why) {
  run_.say(fmt::format("{}: {}", name_, why.kind().name), why.detail());
  run_.counts.add(fmt::format("cell ended: {}", why.kind().name));
}

void Watch::recovered(const journal::RecoveryReport& report, bool rescued) {
  run_.counts.add("recovery");
  if (report.made) run_.counts.add("recovery: a new journal");
  if (report.segments > 1) run_.counts.add("recovery: several segments");
  if (!report.checked_from.is_zero()) run_.counts.add("recovery: from a checkpoint");
  if (!report.checkpoint_refused.empty()) {
    run_.counts.add("recovery: a checkpoint refused");
    run_.say(name_ + ": a checkpoint refused", report.checkpoint_refused);
  }
  if (report.full) run_.counts.add("recovery: the disk was full");
  if (rescued) run_.counts.add("recovery: an interrupted writing again finished");
  if (!report.dropped) return;
  run_.counts.add("recovery: an incomplete last write dropped");
  run_.say(name_ + ": an incomplete last write dropped", report.dropped->reason);
}

void Watch::look() {
  engine::Cell* cell = host_->cell();
  if (cell == nullptr) return;
  last_ = cell->statistics();
  // One without room and nothing waiting has lost its journal, or is stopping.
  const bool idle = last_.waiting == 0 && last_.awaiting_durable == 0 &&
                    last_.groups_in_flight == 0 && cell->has_room();
  if (!idle) return;
  run_.told.hashes.push_back(
      {.position = cell->durable(), .hash = cell->state_hash(), .where = name_ + ", live"});
  run_.say("hash at " + std::to_string(cell->durable().value()));
  run_.counts.add("state hash taken");
}

void Watch::settle() {
  const engine::Statistics& s = last_;
  const std::pair<std::string_view, std::uint64_t> all[] = {
      {"command decided", s.commands},
      {"query answered", s.queries},
      {"command repeated", s.repeated},
      {"refused: not allowed", s.not_allowed},
      {"refused: malformed", s.malformed},
      {"refused: conflict", s.conflicts},
      {"refused: a limit of the module", s.other_errors},
      {"refused: shed", s.shed},
      {"group refused", s.groups_refused},
      {"command taken back", s.taken_back},
      {"command unknown", s.unknown},
      {"batch of time", s.time_batches},
      {"snapshot taken", s.snapshots},
      {"snapshot failed or abandoned", s.snapshots_failed},
      {"rows moved to the archive", s.flushes},
      {"rows not moved: the disk", s.flushes_failed},
      {"rows waited for", s.fetches},
      {"bytes of indexes merged", s.merged_bytes},
      {"clock held", s.clock_holds},
  };
  for (const auto& [name, times] : all) run_.counts.add(name, times);
  last_ = {};
}

}  // namespace keel::torture
