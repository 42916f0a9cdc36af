// The pool world: sockets by epoll, files by a few threads. Slower on disks than the io_uring
// world, and takes its place where that is not permitted (old kernels, containers whose seccomp
// filter forbids it).
#pragma once

#include <memory>

#include "base/result.hpp"
#include "runtime/world.hpp"

namespace keel::runtime {

Result<std::unique_ptr<World>> make_pool_world(const WorldOptions& options);

}  // namespace keel::runtime
