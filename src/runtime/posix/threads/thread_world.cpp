#include "runtime/posix/threads/thread_world.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <future>

#include "runtime/errors.hpp"

namespace keel::runtime {
namespace {

// The core keeps to the index-th of the CPUs that the process may use, counted round.
void pin_to_cpu(std::uint32_t index) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  const auto count = static_cast<std::uint32_t>(CPU_COUNT(&allowed));
  std::uint32_t skip = index % count;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    static_cast<void>(::pthread_setaffinity_np(::pthread_self(), sizeof(one), &one));
    return;
  }
}

}  // namespace

ThreadWorld::ThreadWorld(const WorldOptions& options)
    : options_(options),
      offload_threads_(std::make_unique<WorkerThreads>(
          WorkerThreads::Options{.threads = 1,
                                 .queued_jobs = options.offload_jobs,
                                 .niceness = 10,
                                 .name = "keel-offload"})) {}

Result<std::unique_ptr<World>> ThreadWorld::make(const WorldOptions& options,
                                                 const MakeCore& make_core) {
  KEEL_ASSERT(options.cores > 0);
  std::unique_ptr<ThreadWorld> world(new ThreadWorld(options));
  for (std::uint32_t i = 0; i < options.cores; ++i) {
    world->cores_.push_back(make_core(i, *world->offload_threads_, options));
    world->cores_.back()->limit_turns(options.stall_limit);
    world->cores_.back()->gather(options.gather_rest);
  }
  KEEL_TRY(world->start_threads());
  return std::unique_ptr<World>(std::move(world));
}

Result<> ThreadWorld::start_threads() {
  std::vector<std::future<Result<>>> opened;
  for (const std::unique_ptr<LoopCore>& core : cores_) {
    std::promise<Result<>> promise;
    opened.push_back(promise.get_future());
    threads_.emplace_back([this, loop = core.get(), answer = std::move(promise)]() mutable {
      ::pthread_setname_np(::pthread_self(), "keel-core");
      if (options_.pin) pin_to_cpu(loop->index());
      // A time that is over is over: the kernel adds 50 us to a wait otherwise.
      static_cast<void>(::prctl(PR_SET_TIMERSLACK, 1));
      Result<> result = loop->open();
      const bool ok = result.ok();
      answer.set_value(std::move(result));
      if (ok) loop->run();
      loop->close();
    });
  }
  Result<> all;
  for (std::future<Result<>>& one : opened) {
    Result<> result = one.get();
    if (!result.ok() && all.ok()) all = std::move(result);
  }
  return all;
}

ThreadWorld::~ThreadWorld() {
  stop();
  join();
}

void ThreadWorld::stop() noexcept {
  for (const std::unique_ptr<LoopCore>& core : cores_) core->ask_to_stop();
}

void ThreadWorld::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadWorld::start(std::uint32_t core_index, std::unique_ptr<Root> root) {
  // Carries the root to its core, and is gone when it has been spawned.
  struct Carrier final : RemoteSignal {
    Carrier(LoopCore& core, std::unique_ptr<Root> carried)
        : RemoteSignal(core), loop(core), root(std::move(carried)) {}
    void signalled() noexcept override {
      KEEL_ASSERT(!loop.asked_to_stop());  // run() comes before stop()
      root->spawn_in(loop.roots());
      delete this;
    }
    LoopCore& loop;
    std::unique_ptr<Root> root;
  };
  KEEL_ASSERT(core_index < cores_.size());
  auto carrier = std::make_unique<Carrier>(*cores_[core_index], std::move(root));
  carrier.release()->raise();
}

}  // namespace keel::runtime
