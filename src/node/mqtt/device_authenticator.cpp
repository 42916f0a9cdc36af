#include "node/mqtt/device_authenticator.hpp"

#include <sodium.h>

#include "base/hash/sha256.hpp"
#include "node/mqtt/certificate_name.hpp"
#include "runtime/offload.hpp"

namespace keel::node {

using broker::Identity;
using broker::Login;
using runtime::Task;

DeviceAuthenticator::DeviceAuthenticator(runtime::Core& core, const MqttUsers& users,
                                         broker::Authenticator& others, servers::DeviceCell devices)
    : core_(core), users_(users), others_(others), devices_(devices) {
  for (const std::string_view filter : {"$keel/devices/%u/#", "devices/%u/#"}) {
    access_.allow(
        {.access = mqtt::Access::both, .pattern = mqtt::AccessPattern::make(filter).value()});
  }
}

std::string DeviceAuthenticator::device_of(const Login& login) const {
  if (login.user_name && !login.user_name->empty()) {
    if (users_.users.contains(*login.user_name)) return {};
    return std::string(*login.user_name);
  }
  const bool has_certificate = login.security != nullptr && login.security->peer != nullptr;
  return has_certificate ? std::string(login.client_id) : std::string();
}

Task<Result<bool>> DeviceAuthenticator::proves(const devices::GetCredentials::Answer& credentials,
                                               const Login& login) {
  if (has_certificate_name(login.security, credentials.certificate)) co_return true;
  if (!login.password) co_return false;
  if (credentials.token != Digest{} &&
      equal_in_constant_time(sha256(*login.password), credentials.token))
    co_return true;
  if (credentials.password_hash.empty()) co_return false;
  const std::string_view password = as_text(*login.password);
  const std::string& hash = credentials.password_hash;
  co_return co_await core_.offload().run([&hash, password] {
    return ::crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  });
}

Task<Result<std::optional<Identity>>> DeviceAuthenticator::authenticate(const Login& login) {
  const std::string device = device_of(login);
  if (device.empty()) co_return co_await others_.authenticate(login);
  const auto credentials =
      KEEL_CO_TRY(co_await devices_.ask(devices::GetCredentials{.device = device}, {}));
  // Those who are not known take as long as a user of the file whose password is wrong.
  if (!credentials.found) co_return co_await others_.authenticate(login);
  if (credentials.blocked || !KEEL_CO_TRY(co_await proves(credentials, login)))
    co_return std::nullopt;
  co_return Identity{.user = device, .access = &access_, .is_registered = true};
}

}  // namespace keel::node
