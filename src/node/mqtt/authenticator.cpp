#include "node/mqtt/authenticator.hpp"

#include <sodium.h>

#include "base/hash/sha256.hpp"
#include "node/mqtt/certificate_name.hpp"
#include "runtime/offload.hpp"
#include "servers/terminals/terminal_topic.hpp"

namespace keel::node {

using broker::Identity;
using broker::Login;
using runtime::Task;

namespace {

// How long the cell may take to say who a station is.
constexpr Duration kStationTime = Duration::seconds(5);

}  // namespace

MqttAuthenticator::MqttAuthenticator(runtime::Core& core, const MqttUsers& users,
                                     servers::StationEvents* stations)
    : core_(core), users_(users), stations_(stations) {
  station_access_.allow({.access = mqtt::Access::publish,
                         .pattern = mqtt::AccessPattern::make(servers::kStationPublishes).value()});
  for (const std::string_view heard : {servers::kStationHearsAnswers, servers::kStationHearsCalls})
    station_access_.allow(
        {.access = mqtt::Access::subscribe, .pattern = mqtt::AccessPattern::make(heard).value()});
  constexpr std::size_t kDecoyKeyBytes = 32;
  for (const auto& [name, user] : users.users) {
    if (!user.argon2id.empty()) decoy_ = user.argon2id;
    if (!user.scram || scram_) continue;
    Bytes key(kDecoyKeyBytes);
    core.entropy().fill(key);
    scram_.emplace(static_cast<const ScramUsers&>(*this), std::move(key));
  }
}

std::unique_ptr<broker::AuthenticationExchange> MqttAuthenticator::begin(std::string_view method,
                                                                         const Login& login) {
  if (!scram_ || method != kScramMethod) return nullptr;
  return scram_->begin(login.user_name.value_or(""));
}

ScramUsers::User MqttAuthenticator::find_scram(std::string_view name) const {
  const auto known = users_.users.find(name);
  if (known == users_.users.end() || !known->second.scram) return {};
  return {.verifier = &*known->second.scram, .access = &known->second.access};
}

std::optional<Identity> MqttAuthenticator::without_name(const Login& login) const {
  for (const auto& [name, user] : users_.users) {
    if (has_certificate_name(login.security, user.certificate))
      return Identity{.user = name, .access = &user.access};
  }
  if (!users_.anonymous) return std::nullopt;
  return Identity{.access = &*users_.anonymous};
}

Task<Result<std::optional<Identity>>> MqttAuthenticator::as_station(const Login& login) {
  const auto known = KEEL_CO_TRY(
      co_await stations_->credentials(*login.user_name, {.deadline = core_.now() + kStationTime}));
  // Hashes are compared, so the time taken says nothing about the secret.
  if (!known.found || known.blocked || !known.has_secret ||
      sha256(*login.password) != known.secret) {
    co_return std::nullopt;
  }
  co_return Identity{.user = std::string(*login.user_name), .access = &station_access_};
}

Task<Result<std::optional<Identity>>> MqttAuthenticator::authenticate(const Login& login) {
  if (!login.user_name || login.user_name->empty()) co_return without_name(login);
  const auto known = users_.users.find(*login.user_name);
  const bool is_known = known != users_.users.end();
  if (!is_known && stations_ != nullptr && login.password) {
    const std::optional<Identity> station = KEEL_CO_TRY(co_await as_station(login));
    if (station) co_return station;
  }
  if (!is_known && users_.is_any_name_anonymous) co_return without_name(login);
  const std::optional<Identity> identity =
      is_known ? std::optional(Identity{.user = known->first, .access = &known->second.access})
               : std::nullopt;
  if (is_known && has_certificate_name(login.security, known->second.certificate))
    co_return identity;
  if (!login.password) co_return std::nullopt;
  if (is_known && known->second.sha256) {
    // Hashes are compared, so the time taken says nothing about the secret.
    if (sha256(*login.password) == *known->second.sha256) co_return identity;
    co_return std::nullopt;
  }
  const bool has_password = is_known && !known->second.argon2id.empty();
  const std::string& hash = has_password ? known->second.argon2id : decoy_;
  if (hash.empty()) co_return std::nullopt;
  const std::string_view password = as_text(*login.password);
  const bool fits = KEEL_CO_TRY(co_await core_.offload().run([&hash, password] {
    return ::crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  }));
  if (!fits || !has_password) co_return std::nullopt;
  co_return identity;
}

}  // namespace keel::node
