// Task<T>: a lazy, immovable coroutine. It starts when it is awaited, in the expression that
// creates it:
//
//   Result<Bytes> bytes = co_await read_all(file);
//
// It cannot be stored, moved or returned from a variable, so that its frame and the temporaries
// that its parameters refer to live exactly as long as the awaiting expression. What must outlive
// an expression is started by Scope::spawn (scope.hpp) and by nothing else.
//
// Thread: a task runs on the core that awaits it, and only there. No exception leaves a task: an
// operating error is a Result; anything thrown is a programmer's error and stops the process.
#pragma once

#include <coroutine>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"

namespace keel::runtime {

template <typename T = void>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct ResumeContinuation {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
      return finished.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  ResumeContinuation final_suspend() const noexcept { return {}; }

  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;

  Task<T> get_return_object() noexcept;
  template <typename U>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& returned) {
    value.emplace(std::forward<U>(returned));
  }
  T take() {
    KEEL_ASSERT(value.has_value());
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

template <typename T>
class [[nodiscard("a task does nothing until it is awaited"), clang::coro_return_type,
        clang::coro_lifetimebound, clang::coro_only_destroy_when_complete]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle frame) noexcept : frame_(frame) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    KEEL_ASSERT(frame_.done());  // a task that was made was awaited to its end
    frame_.destroy();
  }

  class Awaiter {
   public:
    explicit Awaiter(Handle frame) noexcept : frame_(frame) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
      frame_.promise().continuation = awaiting;
      return frame_;
    }
    T await_resume() { return frame_.promise().take(); }

   private:
    Handle frame_;
  };
  // Only a temporary can be awaited: `co_await f(x)`, never `auto t = f(x); co_await t`.
  Awaiter operator co_await() && noexcept { return Awaiter(frame_); }

 private:
  Handle frame_;
};

template <typename T>
Task<T> detail::TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> detail::TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace keel::runtime
