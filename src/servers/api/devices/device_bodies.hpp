// The bodies of the routes of devices that are not the module's own requests and answers.
#pragma once

#include <string>

#include "base/describe/describe.hpp"
#include "modules/devices/queries.hpp"

namespace keel::servers {

// How a command of devices ended. Any outcome but `done` has changed nothing.
struct DeviceResultBody {
  std::uint64_t position = 0;
  bool repeated = false;
  devices::OutcomeCode outcome{};
  static constexpr auto description() {
    using D = DeviceResultBody;
    return describe<D>(
        "keel.api.DeviceResult",
        field<1>("position", &D::position, doc("In the journal; durable.")),
        field<2>("repeated", &D::repeated, doc("The idempotency key had been answered before.")),
        field<3>("outcome", &D::outcome));
  }
};

struct DeviceRegisteredBody {
  DeviceResultBody result;
  std::uint64_t revision = 0;
  static constexpr auto description() {
    return describe<DeviceRegisteredBody>("keel.api.DeviceRegistered",
                                          field<1>("result", &DeviceRegisteredBody::result),
                                          field<2>("revision", &DeviceRegisteredBody::revision));
  }
};

struct TwinUpdatedBody {
  DeviceResultBody result;
  devices::UpdateTwin::Answer updated;
  static constexpr auto description() {
    return describe<TwinUpdatedBody>("keel.api.TwinUpdated",
                                     field<1>("result", &TwinUpdatedBody::result),
                                     field<2>("updated", &TwinUpdatedBody::updated));
  }
};

struct MethodCalledBody {
  DeviceResultBody result;
  devices::CallMethod::Answer called;
  static constexpr auto description() {
    return describe<MethodCalledBody>("keel.api.MethodCalled",
                                      field<1>("result", &MethodCalledBody::result),
                                      field<2>("called", &MethodCalledBody::called));
  }
};

// What is left out is as it was; what is empty is taken away.
struct DeviceCredentialsBody {
  std::optional<std::string> password;
  std::optional<std::string> token;
  std::optional<std::string> certificate;
  static constexpr auto description() {
    using D = DeviceCredentialsBody;
    return describe<D>(
        "keel.api.DeviceCredentials",
        field<1>("password", &D::password, keel::secret(), doc("Only its Argon2id hash is kept.")),
        field<2>("token", &D::token, keel::secret(),
                 doc("Generated, 22 to 256 characters; only its SHA-256 is kept.")),
        field<3>("certificate", &D::certificate,
                 doc("A name that the device's certificate has: cn:NAME, dns:NAME, uri:NAME or "
                     "fingerprint:HEX.")));
  }
};

}  // namespace keel::servers
