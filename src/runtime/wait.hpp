// Wait: how long a caller is ready to wait, and what may call it off. Every operation that can
// suspend on something outside Keel (a peer, a queue, a timer) takes one, so that no wait is
// without an end.
#pragma once

#include "base/assert.hpp"
#include "base/time.hpp"

namespace keel::runtime {

class Cancellation;

// A wait that has subscribed to a Cancellation. Lives in the frame of the coroutine that waits.
class CancellationListener {
 public:
  CancellationListener() = default;
  CancellationListener(const CancellationListener&) = delete;
  CancellationListener& operator=(const CancellationListener&) = delete;

  // Called once, on the cancelling call's stack, after the listener has been removed from its list.
  virtual void cancelled() noexcept = 0;

 protected:
  ~CancellationListener() { detach(); }
  void detach() noexcept;

 private:
  friend class Cancellation;
  Cancellation* source_ = nullptr;
  CancellationListener* previous_ = nullptr;
  CancellationListener* next_ = nullptr;
};

// A request to stop, made at most once; it cannot be taken back. One core only: it belongs to the
// thread of the scope that owns it. Outlives all who listen.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation() { KEEL_ASSERT(first_ == nullptr); }

  bool requested() const noexcept { return requested_; }
  // Calls off everything that waits under this cancellation. Again: does nothing.
  void request() noexcept;
  // False, and not listening, when it has been requested already.
  bool listen(CancellationListener& listener) noexcept;

 private:
  friend class CancellationListener;
  CancellationListener* first_ = nullptr;
  bool requested_ = false;
};

struct Wait {
  Timestamp deadline = Timestamp::never();  // monotonic; then the operation fails with kDeadline
  Cancellation* cancellation = nullptr;     // then it fails with kCancelled; not owned

  // The same, but no later than `limit`.
  Wait until(Timestamp limit) const {
    return {.deadline = limit < deadline ? limit : deadline, .cancellation = cancellation};
  }
};

}  // namespace keel::runtime
