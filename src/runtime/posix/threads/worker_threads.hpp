// WorkerThreads: a few threads that do what may block, from a bounded queue; and ThreadOffload, one
// core's way to them as an Offload port. A world has one set for offload (one thread, low
// priority), and the pool world a second for its disk.
#pragma once

#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "runtime/offload.hpp"
#include "runtime/posix/threads/mutex.hpp"

namespace keel::runtime {

class WorkerThreads {
 public:
  struct Options {
    std::uint32_t threads = 1;
    std::uint32_t queued_jobs = 256;   // beyond those in work; more are refused
    int niceness = 0;                  // 19 is the lowest priority
    const char* name = "keel-worker";  // at most 15 letters
  };
  explicit WorkerThreads(Options options);
  // Nothing may be queued any more.
  ~WorkerThreads();
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  // From any thread; false when the queue is full.
  bool submit(Offload::Job& job) noexcept;

 private:
  void work();

  const Options options_;
  Mutex mutex_;
  Condition changed_;
  std::deque<Offload::Job*> queue_ __attribute__((guarded_by(mutex_)));
  bool ending_ __attribute__((guarded_by(mutex_))) = false;
  std::vector<std::thread> threads_;
};

class ThreadOffload final : public Offload {
 public:
  ThreadOffload(Core& home, WorkerThreads& threads) noexcept : Offload(home), threads_(threads) {}

 protected:
  bool submit(Job& job) noexcept override { return threads_.submit(job); }

 private:
  WorkerThreads& threads_;
};

}  // namespace keel::runtime
