// Watch: looks at a cell from beside it: which branches its openings took, what it has counted, its
// state's hash. What it sees goes to the counts, the trace and Told.
#pragma once

#include "engine/cell/cell_host.hpp"
#include "journal/local/options.hpp"
#include "sim/torture/counts.hpp"
#include "sim/torture/judge/told.hpp"
#include "sim/torture/plan.hpp"
#include "sim/torture/trace.hpp"
#include "sim/world/world.hpp"

namespace keel::torture {

// What all parts of a run share.
struct Run {
  Run(const Plan& drawn, std::uint64_t salt, std::size_t trace_lines)
      : plan(drawn),
        world({.seed = drawn.seed,
               .disk = drawn.disk,
               .wall_start = drawn.wall_start,
               .entropy_salt = salt}),
        trace(trace_lines) {}

  const Plan& plan;
  sim::World world;
  sim::Random random{plan.seed ^ 0x5eed};  // of what torture itself draws
  Counts counts;
  Trace trace;
  Told told;
  bool faults_on = true;
  // How far cell time may be ahead of the true one: what wall clocks were ahead at an opening, and
  // what a running cell may believe of jumps.
  Duration ahead_at_opening;
  Duration believed;
  bool hung = false;    // something never ends: nothing of the run can be taken down any more
  bool rotten = false;  // bits have been flipped

  // Something was damaged beyond what a crash may do.
  bool damaged() { return rotten || world.counts().of(sim::Fault::write_misdirected) > 0; }
  Timestamp true_time() { return plan.wall_start + (world.now() - Timestamp{}); }
  void say(std::string_view what, std::string_view detail = {}) {
    trace.say(world.now(), what, detail);
  }
  void find(std::string what) {
    say("FOUND " + what);
    told.findings.push_back(std::move(what));
  }
};

class Watch final : public engine::CellWatcher {
 public:
  Watch(Run& run, std::string name) : run_(run), name_(std::move(name)) {}

  // The host whose cell this is, and its machine's clock; before each start.
  void attach(engine::CellHost& host, runtime::Clock& clock) noexcept {
    host_ = &host;
    clock_ = &clock;
  }

  void opened(const engine::Cell& cell) override;
  void failed(const Error& why) override;
  // What a recovery of local files has found.
  void recovered(const journal::RecoveryReport& report, bool rescued);

  // Now and then, and at the end of a life: remembers its counters, and its hash when nothing is
  // under way.
  void look();
  // The cell is gone: its counters go to the counts.
  void settle();
  std::uint64_t openings() const noexcept { return openings_; }
  Position opened_from() const noexcept { return opened_from_; }

 private:
  Run& run_;
  std::string name_;
  engine::CellHost* host_ = nullptr;
  runtime::Clock* clock_ = nullptr;
  engine::Statistics last_;
  std::uint64_t openings_ = 0;
  Position opened_from_;  // where the snapshot of the last opening stood
};

}  // namespace keel::torture
