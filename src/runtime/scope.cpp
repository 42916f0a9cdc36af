#include "runtime/scope.hpp"

namespace keel::runtime {

Scope::Scope(Core& core, Cancellation* parent) noexcept : core_(core), joining_(core) {
  if (parent != nullptr && !parent->listen(*this)) cancellation_.request();
}

Task<> Scope::join() {
  while (running_ > 0) static_cast<void>(co_await joining_.wait({}));
  joined_ = true;
}

Task<> Scope::cancel_and_join() {
  cancel();
  co_await join();
}

void Scope::started() noexcept {
  ++running_;
  joined_ = false;
}

void Scope::ended() noexcept {
  KEEL_ASSERT(running_ > 0);
  if (--running_ == 0) joining_.wake_all();
}

}  // namespace keel::runtime
