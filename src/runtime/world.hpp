// World: a process's cores, each with its thread, its loop and its ports. It is an object: two of
// them live in one process, and it installs no signal handler and keeps no global.
//
//   Result<std::unique_ptr<World>> world = make_world({.cores = 2, .pin = true});   // worlds/
//   world->run(0, write_journal, &mailbox);   // Task<> write_journal(Core&, Cancellation& stop, …)
//   …
//   world->stop();
//   world->join();
//
// Thread: made, joined and destroyed by one thread, which is none of its own. Lifetime: destroyed
// after everything that its ports have opened and after every Mailbox into its cores.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include "runtime/core.hpp"
#include "runtime/scope.hpp"
#include "runtime/stats.hpp"

namespace keel::runtime {

struct WorldOptions {
  std::uint32_t cores = 1;
  bool pin = false;  // core i stays on the i-th of the CPUs that the process may use
  std::uint32_t receive_buffers = 256;  // a core; a power of two; prefaulted at the start
  std::uint32_t receive_buffer_bytes = 16 * 1024;
  std::uint32_t offload_jobs = 256;  // that wait for the offload thread; more are refused
  StallLimit stall_limit = {};       // its report comes from the core that stalled
  // How long a core that receives often rests, so that a turn serves several; see
  // posix/threads/gathering.hpp. Zero: not at all.
  Duration gather_rest = {};
};

class World {
 public:
  virtual ~World() = default;

  virtual std::uint32_t core_count() const noexcept = 0;
  // For whoever builds a Mailbox into it; its ports are for its own tasks only.
  virtual Core& core(std::uint32_t index) noexcept = 0;

  // Starts `task(core, stop, values…)`, a Task<>, on a core. `stop` is cancelled by stop(); the
  // values are moved to the task. From any thread, until stop().
  template <Spawnable F, typename... Values>
    requires std::is_same_v<std::invoke_result_t<F, Core&, Cancellation&, Values...>, Task<>>
  void run(std::uint32_t core_index, F task, Values... values) {
    start(core_index,
          std::make_unique<RootOf<F, Values...>>(task, std::tuple(std::move(values)...)));
  }

  // Cancels the root tasks. From any thread, also again.
  virtual void stop() noexcept = 0;
  // Returns when stop() was called and every root task has ended.
  virtual void join() = 0;

 protected:
  // A root task on its way to its core.
  class Root {
   public:
    virtual ~Root() = default;
    virtual void spawn_in(Scope& scope) = 0;
  };
  virtual void start(std::uint32_t core_index, std::unique_ptr<Root> root) = 0;

 private:
  template <typename F, typename... Values>
  class RootOf final : public Root {
   public:
    RootOf(F task, std::tuple<Values...> values) : task_(task), values_(std::move(values)) {}
    void spawn_in(Scope& scope) override {
      std::apply(
          [&](Values&... values) {
            scope.spawn(task_, std::ref(scope.core()), std::ref(scope.cancellation()),
                        std::move(values)...);
          },
          values_);
    }

   private:
    F task_;
    std::tuple<Values...> values_;
  };
};

}  // namespace keel::runtime
