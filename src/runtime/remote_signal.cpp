#include "runtime/remote_signal.hpp"

#include "runtime/core.hpp"

namespace keel::runtime {

void RemoteSignal::raise() noexcept {
  // A read-modify-write also when it is raised already: the core, which takes the flag back with
  // another, then sees what this thread has done before.
  if (!raised_.exchange(true, std::memory_order_acq_rel)) target_.deliver(*this);
}

RemoteSignal::~RemoteSignal() {
  if (raised_.load(std::memory_order_acquire)) target_.forget(*this);
}

}  // namespace keel::runtime
