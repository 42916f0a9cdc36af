// Upgrade: what a connection becomes when its HTTP is over (RFC 9110, section 7.8).
//
// Thread: the server's core.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "runtime/core.hpp"
#include "runtime/ports.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"

namespace keel::servers {

// All of it lives until Upgrade::run() returns.
struct Upgraded {
  runtime::Core& core;
  runtime::Connection& connection;
  ByteView begun;                   // what the client has sent behind its request
  runtime::Wait wait;               // called off when the server is stopped hard
  runtime::Cancellation& draining;  // requested when the server drains: come to an end
};

// Owned by the reply, then by the connection.
class Upgrade {
 public:
  virtual ~Upgrade() = default;
  // The whole answer 101, as it is sent.
  virtual std::string take_acceptance() noexcept = 0;
  // Has the connection until it returns; it is closed then.
  virtual runtime::Task<> run(Upgraded upgraded) = 0;
};

}  // namespace keel::servers
