#include "runtime/wait.hpp"

#include "runtime/core.hpp"

namespace keel::runtime {

void CancellationListener::detach() noexcept {
  if (source_ == nullptr) return;
  if (previous_ != nullptr) previous_->next_ = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (source_->first_ == this) source_->first_ = next_;
  source_ = nullptr;
  previous_ = nullptr;
  next_ = nullptr;
}

bool Cancellation::listen(CancellationListener& listener) noexcept {
  if (requested_) return false;
  KEEL_ASSERT(listener.source_ == nullptr);
  listener.source_ = this;
  listener.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &listener;
  first_ = &listener;
  return true;
}

void Cancellation::request() noexcept {
  if (requested_) return;
  requested_ = true;
  // A listener may detach others while it is told, so take the first each time.
  while (first_ != nullptr) {
    CancellationListener* listener = first_;
    listener->detach();
    listener->cancelled();
  }
}

}  // namespace keel::runtime
