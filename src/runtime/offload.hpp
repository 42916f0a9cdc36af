// Offload: the port to a low-priority thread for work that would hold a core too long: password
// hashes, RSA, compression, index merges. In the simulated world the work runs inline and its end
// comes after a virtual delay.
//
//   Result<Digest> digest = co_await core.offload().run([&] { return argon2(password); });
//
// The callable runs once, on another thread, while the caller's coroutine is suspended: what it
// captures by reference stays alive, and nobody on the core may touch that meanwhile. It must not
// throw, must not use any port, and cannot be called off once it has begun. The queue is bounded:
// kQueueFull, and nothing ran.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "runtime/errors.hpp"
#include "runtime/remote_signal.hpp"
#include "runtime/task.hpp"

namespace keel::runtime {

class Offload {
 public:
  // A piece of work on its way: done by the offload thread, which then raises it; that resumes the
  // coroutine on its own core.
  class Job : public RemoteSignal {
   public:
    explicit Job(Core& home) noexcept : RemoteSignal(home) {}
    virtual void work() noexcept = 0;

   protected:
    ~Job() = default;
    void signalled() noexcept final;
    std::coroutine_handle<> waiting_;
  };

  virtual ~Offload() = default;

  template <typename F>
    requires std::is_nothrow_move_constructible_v<F>
  Task<Result<std::invoke_result_t<F&>>> run(F work);

 protected:
  explicit Offload(Core& home) noexcept : home_(home) {}
  // Takes the job, which stays alive until it has been raised; false when the queue is full.
  // On the core's thread.
  virtual bool submit(Job& job) noexcept = 0;

 private:
  template <typename F>
  class Call;

  Core& home_;
};

template <typename F>
class Offload::Call final : public Job {
 public:
  using Value = std::invoke_result_t<F&>;

  Call(Offload& offload, F& work) noexcept : Job(offload.home_), offload_(offload), work_(work) {}

  void work() noexcept override {
    if constexpr (std::is_void_v<Value>) {
      work_();
    } else {
      value_.emplace(work_());
    }
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) noexcept {
    waiting_ = waiting;
    // Once submit() has said yes the job may be done and this frame be resumed by its core: nothing
    // of this object is touched after it. The core is the caller's, so it is not before this
    // returns.
    const bool taken = offload_.submit(*this);
    if (!taken) refused_ = true;
    return taken;
  }
  Result<Value> await_resume() noexcept {
    if (refused_) return kQueueFull;
    if constexpr (std::is_void_v<Value>) {
      return {};
    } else {
      return std::move(*value_);
    }
  }

 private:
  struct Nothing {};
  Offload& offload_;
  F& work_;
  std::conditional_t<std::is_void_v<Value>, Nothing, std::optional<Value>> value_;
  bool refused_ = false;
};

template <typename F>
  requires std::is_nothrow_move_constructible_v<F>
Task<Result<std::invoke_result_t<F&>>> Offload::run(F work) {
  co_return co_await Call<F>(*this, work);
}

}  // namespace keel::runtime
