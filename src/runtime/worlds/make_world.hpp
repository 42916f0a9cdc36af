// Chooses the world that this machine allows: io_uring, or else the pool.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "runtime/world.hpp"

namespace keel::runtime {

enum class WorldKind : std::uint8_t { uring, pool };

std::string_view to_string(WorldKind kind) noexcept;

struct ChosenWorld {
  std::unique_ptr<World> world;
  WorldKind kind = WorldKind::uring;
  // One line for the start of the program: "io_uring, 2 cores", or "epoll and disk threads, 2 cores
  // (io_uring_setup: Operation not permitted)".
  std::string line;
};

// `only`: this kind or an error, for tests and for `--world`.
Result<ChosenWorld> make_world(const WorldOptions& options,
                               std::optional<WorldKind> only = std::nullopt);

}  // namespace keel::runtime
