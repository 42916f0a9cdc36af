// MqttAuthenticator: lets in those whom the file of users knows. A client with a user name needs
// that user's password, or a certificate with the name that the user has; one without a name is the
// user of its certificate, or anonymous where the file allows it.
//
// Thread: the server's core; argon2id runs on the offload thread, and costs a name that is not
// known as much as one that is.
#pragma once

#include "node/mqtt/users.hpp"
#include "runtime/core.hpp"
#include "servers/mqtt/access.hpp"

namespace keel::node {

class MqttAuthenticator final : public broker::Authenticator {
 public:
  // The core is the server's; the users outlive this.
  MqttAuthenticator(runtime::Core& core, const MqttUsers& users);

  runtime::Task<Result<std::optional<broker::Identity>>> authenticate(
      const broker::Login& login) override;

 private:
  std::optional<broker::Identity> without_name(const broker::Login& login) const;

  runtime::Core& core_;
  const MqttUsers& users_;
  std::string decoy_;  // verified for a name that is not known; empty: no user has argon2id
};

}  // namespace keel::node
