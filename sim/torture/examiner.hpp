// Examiner: looks at the journal's files that a run has left, when all else is over. What stands
// above torture brings one: receipts (src/node/torture).
#pragma once

#include <string>
#include <vector>

#include "runtime/core.hpp"
#include "runtime/task.hpp"
#include "sim/torture/counts.hpp"
#include "sim/torture/judge/history.hpp"

namespace keel::torture {

class Examiner {
 public:
  virtual ~Examiner() = default;
  // What a long campaign is to meet, at zero.
  virtual void declare(Counts& counts) const = 0;
  // Asked of local files in which nothing is damaged beyond what a crash may do. What is wrong, or
  // nothing. From several threads at a time, each with a core and counts of its own.
  virtual runtime::Task<std::vector<std::string>> examine(runtime::Core& core,
                                                          std::string directory,
                                                          const History& history,
                                                          Counts& counts) const = 0;
};

}  // namespace keel::torture
