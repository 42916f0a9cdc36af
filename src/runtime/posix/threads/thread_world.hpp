// ThreadWorld: a world whose cores are threads of this process. The io_uring and the pool world are
// this, with a core of their own kind.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "runtime/posix/threads/loop_core.hpp"
#include "runtime/posix/threads/worker_threads.hpp"
#include "runtime/world.hpp"

namespace keel::runtime {

class ThreadWorld final : public World {
 public:
  // Makes a core; called on the thread that makes the world. The core's open() runs on its own.
  using MakeCore = std::function<std::unique_ptr<LoopCore>(
      std::uint32_t index, WorkerThreads& offload_threads, const WorldOptions& options)>;

  // Starts the threads; fails, with none left running, when a core cannot be opened.
  static Result<std::unique_ptr<World>> make(const WorldOptions& options,
                                             const MakeCore& make_core);

  ~ThreadWorld() override;  // stops and joins
  ThreadWorld(const ThreadWorld&) = delete;
  ThreadWorld& operator=(const ThreadWorld&) = delete;

  std::uint32_t core_count() const noexcept override {
    return static_cast<std::uint32_t>(cores_.size());
  }
  Core& core(std::uint32_t index) noexcept override { return *cores_[index]; }
  void stop() noexcept override;
  void join() override;

 protected:
  void start(std::uint32_t core_index, std::unique_ptr<Root> root) override;

 private:
  explicit ThreadWorld(const WorldOptions& options);
  Result<> start_threads();

  const WorldOptions options_;
  std::vector<std::unique_ptr<LoopCore>> cores_;
  // After the cores, so that they end first: one of them may still be on its way out of a core's
  // deliver() when that core's own thread has ended.
  std::unique_ptr<WorkerThreads> offload_threads_;
  std::vector<std::thread> threads_;
};

}  // namespace keel::runtime
