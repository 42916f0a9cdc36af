// The io_uring world: one ring a core, one system call a turn, multishot accept and receive with
// provided buffers, disk and network in the same loop. Needs Linux 6.1 and the permission to use
// io_uring; where that is not given the pool world takes its place (runtime/worlds).
#pragma once

#include <memory>

#include "base/result.hpp"
#include "runtime/world.hpp"

namespace keel::runtime {

// kNoWorld, and why, when this kernel or its settings do not allow it.
Result<std::unique_ptr<World>> make_uring_world(const WorldOptions& options);

}  // namespace keel::runtime
