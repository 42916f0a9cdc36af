// LossyDisk: a disk port in front of a real one that keeps what is not synced in this process's
// memory, so that `kill -9` is a power cut: everything written and not synced is gone, as it would
// be from a drive's volatile cache, and a sync that was under way leaves some of its pages on the
// disk and others not.
//
// For crash tests of the real program (`keel serve --disk lossy`); never for data that matters.
// Creations, renames, removals and sizes go straight through: their loss is the simulated world's
// to test.
//
// Thread: one core's, like the port behind it, which it does not own. Bound: unsynced bytes of all
// files are at most `max_unsynced_bytes`; beyond that a write is refused as disk full.
#pragma once

#include <memory>

#include "runtime/core.hpp"

namespace keel::sim {

struct LossyDiskOptions {
  std::uint64_t max_unsynced_bytes = std::uint64_t{256} << 20;
  std::uint64_t seed = 1;  // of the order in which a sync's pages reach the disk
};

std::unique_ptr<runtime::Disk> make_lossy_disk(runtime::Disk& inner, LossyDiskOptions options);

// The same core with a lossy disk: for whoever takes its ports from a core. Does not own the core.
std::unique_ptr<runtime::Core> make_lossy_core(runtime::Core& inner, LossyDiskOptions options);

}  // namespace keel::sim
