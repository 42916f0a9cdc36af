#include "runtime/posix/threads/worker_threads.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace keel::runtime {

WorkerThreads::WorkerThreads(Options options) : options_(options) {
  for (std::uint32_t i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

WorkerThreads::~WorkerThreads() {
  {
    MutexLock lock(mutex_);
    KEEL_ASSERT(queue_.empty());
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerThreads::submit(Offload::Job& job) noexcept {
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= options_.queued_jobs) return false;
    queue_.push_back(&job);
  }
  changed_.notify_one();
  return true;
}

void WorkerThreads::work() {
  ::pthread_setname_np(::pthread_self(), options_.name);
  if (options_.niceness != 0) {
    // Linux gives each thread a priority of its own. Refused: it works at the usual one.
    static_cast<void>(
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), options_.niceness));
  }
  for (;;) {
    Offload::Job* job = nullptr;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !ending_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      job = queue_.front();
      queue_.pop_front();
    }
    job->work();
    job->raise();
  }
}

}  // namespace keel::runtime
