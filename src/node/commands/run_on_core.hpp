// Runs one task to its end on a core of a world of its own, from a command that is no server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "node/commands/node_options.hpp"
#include "runtime/world.hpp"

namespace keel::node {

// `task(core, values…)` is a Task<Result<T>>.
template <typename T, typename F, typename... Values>
Result<T> run_on_core(const Config& config, F task, Values... values) {
  Config one_core = config;
  one_core.cores = 1;
  std::string chosen;
  const std::unique_ptr<runtime::World> world = KEEL_TRY(make_world(one_core, chosen));
  std::optional<Result<T>> result;
  world->run(
      0,
      [](runtime::Core& core, runtime::Cancellation&, runtime::World* own, F run,
         std::optional<Result<T>>* out, Values... given) -> runtime::Task<> {
        *out = co_await run(core, given...);
        own->stop();
      },
      world.get(), task, &result, values...);
  world->join();
  KEEL_ASSERT(result.has_value());
  return *std::move(result);
}

}  // namespace keel::node
