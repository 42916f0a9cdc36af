// From the body of POST /v1/devices/{id}/credentials to the command: nothing that is secret leaves
// this but as a hash.
#pragma once

#include <string>

#include "runtime/task.hpp"
#include "servers/api/devices/device_bodies.hpp"

namespace keel::servers {

class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  // "$argon2id$…", made off the core.
  virtual runtime::Task<Result<std::string>> hash(std::string password) = 0;
};

// `passwords` (or null) outlives the task. kBadBody.
runtime::Task<Result<devices::SetCredentials>> credentials_of(PasswordHasher* passwords,
                                                              std::string device,
                                                              DeviceCredentialsBody body);

}  // namespace keel::servers
