// The measuring core of `keel bench journal`: durable appends of groups of one size, and beside
// them the same writes without a journal, through the same port. As in a node, a group forms (its
// rows are copied in, checksummed and hashed) while the one before is on its way to the disk.
//
// Thread: one core. The directory is used and left behind; the caller removes it.
#pragma once

#include <string>

#include "journal/local/options.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

struct AppendBenchOptions {
  std::string directory;
  std::size_t group_bytes = 4096;  // whole group, header and padding included
  std::size_t groups = 1000;
  Duration at_most = Duration::seconds(3'600);  // ends then, with fewer groups
  SyncMode sync = SyncMode::dsync;
  // Room for all groups, so that the figure is of appends and not of making segments; with false
  // segments are of the usual size, and made beside.
  bool one_segment = true;
};

struct AppendFigures {
  std::size_t groups = 0;
  std::uint64_t bytes = 0;
  Duration elapsed;   // from the first append's beginning to the last one's end
  Duration forming;   // filling the groups; goes on beside the writes
  Duration p50, p99;  // of one append, without the filling
  Duration cpu;       // of the whole process
};

runtime::Task<Result<AppendFigures>> measure_appends(runtime::Core& core,
                                                     AppendBenchOptions options);
runtime::Task<Result<AppendFigures>> measure_raw_writes(runtime::Core& core,
                                                        AppendBenchOptions options);

struct RecoveryFigures {
  RecoveryReport report;
  double cpu_s = 0;
};
// Opens what measure_appends has left.
runtime::Task<Result<RecoveryFigures>> measure_recovery(runtime::Core& core,
                                                        AppendBenchOptions options);

}  // namespace keel::journal
