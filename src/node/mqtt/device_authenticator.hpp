// DeviceAuthenticator: lets registered devices in beside the users of the file. A user of the file
// goes before a device of the same name.
//
// A device gives its id as the user name, with its password or its token; or presents a certificate
// that has the name it is registered with, and gives its id as user name or client id. It may speak
// on $keel/devices/ID/# and devices/ID/#, and nowhere else.
//
// Thread: the server's core. Lifetime: what it is given outlives it.
#pragma once

#include "node/mqtt/users.hpp"
#include "runtime/core.hpp"
#include "servers/devices/device_cell.hpp"
#include "servers/mqtt/access.hpp"

namespace keel::node {

class DeviceAuthenticator final : public broker::Authenticator {
 public:
  DeviceAuthenticator(runtime::Core& core, const MqttUsers& users, broker::Authenticator& others,
                      servers::DeviceCell devices);

  // Devices have no method of their own.
  std::unique_ptr<broker::AuthenticationExchange> begin(std::string_view method,
                                                        const broker::Login& login) override {
    return others_.begin(method, login);
  }
  runtime::Task<Result<std::optional<broker::Identity>>> authenticate(
      const broker::Login& login) override;

 private:
  // Which device it says that it is; empty: none.
  std::string device_of(const broker::Login& login) const;
  runtime::Task<Result<bool>> proves(const devices::GetCredentials::Answer& credentials,
                                     const broker::Login& login);

  runtime::Core& core_;
  const MqttUsers& users_;
  broker::Authenticator& others_;
  servers::DeviceCell devices_;
  mqtt::AccessList access_;  // of every device
};

}  // namespace keel::node
