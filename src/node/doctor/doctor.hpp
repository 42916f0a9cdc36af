// keel doctor's examination: everything that judge.hpp judges, for one configuration on this
// machine. Takes about a second, most of it for the trial of the disk.
#pragma once

#include <vector>

#include "node/doctor/finding.hpp"
#include "node/doctor/judge.hpp"
#include "runtime/core.hpp"
#include "runtime/task.hpp"

namespace keel::node {

// Measures durable writes in `directory` the way the journal writes, with a scratch file that is
// removed. Thread: the core's.
runtime::Task<Result<SyncTrial>> try_disk(runtime::Core& core, const std::string& directory);

// Whether a node holds the lock of the journal in this data directory.
runtime::Task<Result<bool>> node_runs(runtime::Core& core, const std::string& data_directory);

// Everything that needs no core. Blocks.
std::vector<Finding> examine_machine(const Config& config);
// What is in the data directory, where it lies, and the port.
std::vector<Finding> examine_place(const Config& config, bool node_runs);

}  // namespace keel::node
