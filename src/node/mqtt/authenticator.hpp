// MqttAuthenticator: lets in those whom the file of users knows. A client with a user name needs
// that user's password, or a certificate with the name that the user has; one without a name is the
// user of its certificate, or anonymous where the file allows it. Where stations may speak MQTT, a
// name that is no user's may be a station's, with the secret that the cell knows it by; then it may
// do what stations may, in its own topics.
// A client may prove a password by SCRAM instead (scram.hpp).
//
// Thread: the server's core; argon2id runs on the offload thread, and costs a name that is not
// known as much as one that is.
#pragma once

#include "node/mqtt/users.hpp"
#include "runtime/core.hpp"
#include "servers/charging/station_events.hpp"
#include "servers/mqtt/access.hpp"

namespace keel::node {

class MqttAuthenticator final : public broker::Authenticator, private ScramUsers {
 public:
  // The core is the server's; what it is given outlives it. Null stations: they have no say.
  MqttAuthenticator(runtime::Core& core, const MqttUsers& users,
                    servers::StationEvents* stations = nullptr);

  runtime::Task<Result<std::optional<broker::Identity>>> authenticate(
      const broker::Login& login) override;
  // SCRAM-SHA-256, for users that have `scram`.
  std::unique_ptr<broker::AuthenticationExchange> begin(std::string_view method,
                                                        const broker::Login& login) override;

 private:
  User find_scram(std::string_view name) const override;
  runtime::Task<Result<std::optional<broker::Identity>>> as_station(const broker::Login& login);
  std::optional<broker::Identity> without_name(const broker::Login& login) const;

  runtime::Core& core_;
  const MqttUsers& users_;
  std::optional<Scram> scram_;  // when a user has it
  servers::StationEvents* stations_;
  mqtt::AccessList station_access_;
  std::string decoy_;  // verified for a name that is not known; empty: no user has argon2id
};

}  // namespace keel::node
