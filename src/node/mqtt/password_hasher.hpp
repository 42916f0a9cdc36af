// Argon2idHasher: passwords of devices as the API gets them, hashed on the thread for long work.
//
// Thread: the server's core. Lifetime: the core outlives it.
#pragma once

#include "runtime/core.hpp"
#include "servers/api/devices/set_credentials.hpp"

namespace keel::node {

class Argon2idHasher final : public servers::PasswordHasher {
 public:
  explicit Argon2idHasher(runtime::Core& core) : core_(core) {}
  runtime::Task<Result<std::string>> hash(std::string password) override;

 private:
  runtime::Core& core_;
};

}  // namespace keel::node
