// Sockets by epoll.
#pragma once

#include "runtime/ports.hpp"

namespace keel::runtime {

class PoolCore;

class PoolNetwork final : public Network {
 public:
  explicit PoolNetwork(PoolCore& core) noexcept : core_(core) {}

  Task<Result<std::unique_ptr<Listener>>> listen(Endpoint at, int backlog) override;
  Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to, Wait wait) override;

 private:
  PoolCore& core_;
};

}  // namespace keel::runtime
