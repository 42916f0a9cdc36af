// Scope: the only way to start a task that outlives the expression that starts it, and the place
// where its end is waited for.
//
//   Scope scope(core);
//   scope.spawn(serve, std::move(connection), &engine);   // Task<> serve(unique_ptr<…>, Engine*)
//   …
//   co_await scope.cancel_and_join();
//
// What is spawned must not outlive what it refers to: the scope stands after (is destroyed before)
// the things that its tasks use, and it is joined before it dies; both are asserted.
//
// Thread: one core, the one of its tasks.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include "runtime/core.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::runtime {

// What may be spawned: a function, a member function or a lambda without captures. A lambda's
// captures live in the lambda and not in the coroutine's frame, and would be gone at its first
// suspension; values are given to spawn() instead, which moves them into the frame.
template <typename F>
concept Spawnable = std::is_member_function_pointer_v<F> ||
                    (std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>) ||
                    (std::is_class_v<F> && std::is_empty_v<F>);

class Scope final : private CancellationListener {
 public:
  // With a parent: cancelled when the parent is.
  explicit Scope(Core& core, Cancellation* parent = nullptr) noexcept;
  ~Scope() { KEEL_ASSERT(joined_ && running_ == 0); }  // join() it before it dies

  // Starts `task(values…)`, a Task<>, in a later turn or later in this one. Values are moved into
  // the task's frame and handed on as rvalues; std::ref and pointers pass what lives longer.
  template <Spawnable F, typename... Values>
    requires std::is_same_v<std::invoke_result_t<F, Values...>, Task<>>
  void spawn(F task, Values... values) {
    started();
    core_.post(run(*this, task, std::move(values)...).frame);
  }

  // Waits until everything that was spawned has ended; without a deadline, because returning
  // earlier would break the promise. To hurry it, cancel().
  Task<> join();
  Task<> cancel_and_join();
  // join() for a world's loop, which is no task and cannot await: nothing may run any more.
  void settle() noexcept {
    KEEL_ASSERT(running_ == 0);
    joined_ = true;
  }

  void cancel() noexcept { cancellation_.request(); }
  Cancellation& cancellation() noexcept { return cancellation_; }
  // The wait that tasks of this scope start from: cancelled with the scope.
  Wait wait() noexcept { return {.cancellation = &cancellation_}; }
  std::size_t running() const noexcept { return running_; }
  Core& core() const noexcept { return core_; }

 private:
  // The frame of a spawned task: starts when it is posted, destroys itself at its end.
  struct Spawned {
    struct promise_type {
      Spawned get_return_object() noexcept {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
    std::coroutine_handle<> frame;
  };
  template <typename F, typename... Values>
    requires(!std::is_member_function_pointer_v<F>)
  static Spawned run(Scope& scope, F task, Values... values) {
    co_await task(std::move(values)...);
    scope.ended();
  }
  template <typename F, typename Object, typename... Values>
    requires std::is_member_function_pointer_v<F>
  static Spawned run(Scope& scope, F task, Object* object, Values... values) {
    co_await (object->*task)(std::move(values)...);
    scope.ended();
  }

  void cancelled() noexcept final { cancellation_.request(); }
  void started() noexcept;
  void ended() noexcept;

  Core& core_;
  Cancellation cancellation_;
  WaitQueue joining_;
  std::size_t running_ = 0;
  bool joined_ = true;  // nothing was spawned since the last join
};

}  // namespace keel::runtime
