#include "runtime/interruptible.hpp"

#include "runtime/core.hpp"
#include "runtime/errors.hpp"

namespace keel::runtime {

const ErrorKind* Interruptible::arm(const Wait& wait) noexcept {
  if (wait.cancellation != nullptr && wait.cancellation->requested()) return &kCancelled;
  if (!wait.deadline.is_never()) {
    if (wait.deadline <= core_.now()) return &kDeadline;
    core_.timers().add(*this, wait.deadline);
  }
  if (wait.cancellation != nullptr) wait.cancellation->listen(*this);
  return nullptr;
}

void Interruptible::disarm() noexcept {
  if (queued()) core_.timers().remove(*this);
  detach();
}

void Interruptible::expired() noexcept {
  detach();
  interrupted(kDeadline);
}

void Interruptible::cancelled() noexcept {
  core_.timers().remove(*this);
  interrupted(kCancelled);
}

}  // namespace keel::runtime
