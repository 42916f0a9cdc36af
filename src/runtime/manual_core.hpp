// ManualCore: a core for tests, driven by hand on the test's thread, with a clock that stands until
// it is moved. It has no disk, network, entropy or offload thread: to ask for one is a programmer's
// error.
#pragma once

#include <atomic>
#include <cstdlib>

#include "base/assert.hpp"
#include "runtime/core_base.hpp"
#include "runtime/scope.hpp"

namespace keel::runtime {

class ManualCore final : public CoreBase {
 public:
  explicit ManualCore(std::uint32_t index = 0) : CoreBase(index) {}

  Clock& clock() noexcept override { return clock_; }
  Entropy& entropy() noexcept override { return absent<Entropy>(); }
  Disk& disk() noexcept override { return absent<Disk>(); }
  Network& network() noexcept override { return absent<Network>(); }
  Offload& offload() noexcept override { return absent<Offload>(); }

  // Turns until nothing is ready.
  void run() {
    do turn(clock_.now);
    while (!idle());
  }
  void advance(Duration by) {
    clock_.now = clock_.now + by;
    run();
  }
  // Runs a task to its end; it must not need anything that only the test can bring about.
  template <typename F, typename... Values>
  void run_to_end(F task, Values... values) {
    Scope scope(*this);
    scope.spawn(task, std::move(values)...);
    run();
    scope.settle();
  }
  int wakes() const noexcept { return wakes_.load(); }

 protected:
  void wake() noexcept override { wakes_.fetch_add(1); }

 private:
  struct ManualClock final : Clock {
    Timestamp now{1};
    Timestamp monotonic() const noexcept override { return now; }
    Timestamp wall() const noexcept override { return now; }
  };
  template <typename Port>
  [[noreturn]] static Port& absent() noexcept {
    constexpr bool a_manual_core_has_this_port = false;
    KEEL_ASSERT(a_manual_core_has_this_port);
    std::abort();
  }

  ManualClock clock_;
  std::atomic<int> wakes_ = 0;
};

}  // namespace keel::runtime
