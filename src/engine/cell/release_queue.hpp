// ReleaseQueue: answers that are ready and wait until what they have read is durable. They leave in
// the order in which they came.
//
// Thread: the cell's writer. Bound: by what the groups in flight and the forming one hold.
#pragma once

#include "engine/requests/request.hpp"

namespace keel::engine {

class ReleaseQueue {
 public:
  // Positions never fall from one to the next, but may be lower than what is durable already.
  void hold(Request& request) noexcept {
    last_ = std::max(last_, request.release_at_);
    request.release_at_ = last_;
    waiting_.push(request);
  }
  // The next that may leave when `durable` is; nullptr: none.
  Request* release(Position durable) noexcept {
    Request* next = waiting_.front();
    return next == nullptr || next->release_at_ > durable ? nullptr : waiting_.pop();
  }
  // The next, whatever it waits for: its group is lost.
  Request* take_back() noexcept {
    if (waiting_.size() <= 1) last_ = Position{};
    return waiting_.pop();
  }
  std::size_t size() const noexcept { return waiting_.size(); }

 private:
  RequestQueue waiting_;
  Position last_;
};

}  // namespace keel::engine
