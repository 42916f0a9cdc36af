// Listening and connecting on the ring.
#pragma once

#include "runtime/uring/uring_core.hpp"

namespace keel::runtime {

class UringNetwork final : public Network {
 public:
  explicit UringNetwork(UringCore& core) noexcept : core_(core) {}

  Task<Result<std::unique_ptr<Listener>>> listen(Endpoint at, int backlog) override;
  Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to, Wait wait) override;

 private:
  UringCore& core_;
};

}  // namespace keel::runtime
