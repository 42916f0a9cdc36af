// ReplyLine: the way back from a cell's core to a client's. The answered requests are linked
// through themselves, so there is nothing that could be full.
//
// Threads: push from any; the rest on the client's core.
#pragma once

#include <atomic>

#include "runtime/remote_signal.hpp"

namespace keel::engine {

class Submission;

class ReplyLine final : private runtime::RemoteSignal {
 public:
  explicit ReplyLine(runtime::Core& client_core) noexcept : RemoteSignal(client_core) {}
  // Waits for a push that this core has overtaken: its answer has arrived already, and it has only
  // to ring and return.
  ~ReplyLine() {
    while (pushing_.load(std::memory_order_acquire) != 0) {
    }
  }

  // Resumes whoever awaits the submission, soon and on the client's core.
  void push(Submission& answered) noexcept;

 private:
  void signalled() noexcept override;

  std::atomic<Submission*> newest_ = nullptr;
  std::atomic<std::uint32_t> pushing_ = 0;
};

}  // namespace keel::engine
