// Standing: a multishot operation on a socket that it owns: the kernel answers it again and again,
// until it ends it or is asked to. Because an answer may still come when its user is gone, it is
// heap-allocated and retired, not deleted: it closes its socket and frees itself after the last
// one.
#pragma once

#include <memory>

#include "runtime/posix/descriptor.hpp"
#include "runtime/uring/uring_core.hpp"

namespace keel::runtime {

class Standing : public Operation {
 public:
  struct Retire {
    void operator()(Standing* standing) const noexcept { standing->retire(); }
  };

  UringCore& core() const noexcept { return core_; }
  const Descriptor& socket() const noexcept { return socket_; }

 protected:
  Standing(UringCore& core, Descriptor socket) noexcept : core_(core), socket_(std::move(socket)) {}
  virtual ~Standing() = default;

  // An answer; `armed()` says whether more will come.
  virtual void answered(std::int32_t result, std::uint32_t flags) noexcept = 0;
  // Called once, when its user is gone.
  virtual void retiring() noexcept = 0;

  bool armed() const noexcept { return armed_; }
  template <typename Prepare>
  void arm(const Prepare& prepare) {
    KEEL_ASSERT(!armed_);
    armed_ = true;
    ending_ = false;
    core_.ring().submit(*this, prepare);
  }
  // Asks for the last answer.
  void end() noexcept {
    if (!armed_ || std::exchange(ending_, true)) return;
    core_.ring().cancel(*this);
  }

 private:
  void completed(std::int32_t result, std::uint32_t flags) noexcept final {
    armed_ = (flags & IORING_CQE_F_MORE) != 0;
    answered(result, flags);
    // The kernel was at an answer when it was asked, and did not hear (EALREADY): asked again. What
    // is asked once too often finds nothing, for nothing newer can have this address before it.
    if (armed_ && ending_) core_.ring().cancel(*this);
    if (retired_ && !armed_) gone();
  }
  void retire() noexcept {
    retired_ = true;
    ++core_.retired();
    retiring();
    if (!armed_) {
      gone();
    } else {
      end();
    }
  }
  void gone() noexcept {
    --core_.retired();
    delete this;
  }

  UringCore& core_;
  Descriptor socket_;
  bool armed_ = false;
  bool ending_ = false;
  bool retired_ = false;
};

}  // namespace keel::runtime
