// run(): one seed of torture. A safety phase under faults, then faults off and a phase in which
// everything must come to its end; then everything that anybody was told is compared with the
// history that is left (judge/judge.hpp).
#pragma once

#include <functional>

#include "sim/torture/counts.hpp"
#include "sim/torture/examiner.hpp"
#include "sim/torture/plan.hpp"
#include "sim/world/faults.hpp"

namespace keel::torture {

struct Verdict {
  std::uint64_t seed = 0;
  std::vector<std::string> findings;  // what is wrong; empty: nothing
  Counts counts;
  std::vector<std::string> trace;  // its last lines
  std::string digest;              // of the whole trace: equal in two runs of one seed
  Position last;                   // the history's length
  std::uint64_t writes = 0;        // begun in the first life
  std::string damage;              // the journal was refused for this: no liveness phase then
  bool hung = false;               // it did not come to its end
  bool cut_short = false;          // interrupted: it says nothing

  bool ok() const noexcept { return findings.empty(); }
};

struct RunOptions {
  std::uint64_t salt = 0;        // other hash keys and addresses; nothing may depend on them
  std::size_t trace_lines = 40;  // 0: all
  // Asked now and then; the run ends when it says so.
  std::function<bool()> interrupted;
  const Examiner* examiner = nullptr;  // null: none; outlives the run
};

Verdict run(const Plan& plan, const RunOptions& options = {});

// Everything that runs are to meet with, at zero.
Counts declared_counts();

}  // namespace keel::torture
