// The users of the MQTT server, as a file says:
//
//   [users.meter]
//   password = "$argon2id$v=19$…"            or "sha256:" and 64 hexadecimal digits
//   allow = ["publish meters/%c/#", "subscribe commands/%c"]
//   [users.pump]
//   scram = "{SCRAM-SHA-256}4096,…"          for clients that prove a password without saying it
//   [users.gateway]
//   certificate = "dns:gateway.example"      or "cn:…", "uri:…", "fingerprint:…"
//   allow = "everything"
//   [anonymous]                              clients that say no name; without it there are none
//   allow = ["both public/#"]
//   any_name = true                        and clients that say a name that is no user's
//
// An empty `allow` allows nothing. A user without password, scram and certificate is an error, and
// so is a key that is not known.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash/digest.hpp"
#include "base/result.hpp"
#include "node/mqtt/scram.hpp"
#include "wire/mqtt/topic/access_pattern.hpp"

namespace keel::node {

struct MqttUser {
  std::string argon2id;                // "$argon2id$…"; empty: none
  std::optional<Digest> sha256;        // of a secret with at least 128 bits of chance
  std::string certificate;             // a name that its certificate must have; empty: none
  std::optional<ScramVerifier> scram;  // for enhanced authentication
  mqtt::AccessList access;
};

struct MqttUsers {
  std::map<std::string, MqttUser, std::less<>> users;
  std::optional<mqtt::AccessList> anonymous;
  bool is_any_name_anonymous = false;
};

// Errors name the file, the line and what would be right: kBadConfig.
Result<MqttUsers> parse_mqtt_users(std::string_view toml, std::string_view name);
Result<MqttUsers> read_mqtt_users(const std::string& path);

// "$argon2id$…" of a password, with the cost that libsodium calls interactive: 64 MiB, and tens of
// milliseconds of a core. kBadConfig where there is no memory for it.
Result<std::string> make_argon2id(std::string_view password);

// One user with this secret, who may do everything.
MqttUsers one_mqtt_user(std::string_view user, std::string_view secret);

// Those of a node. `file` is the setting mqtt.users: a path, or "auto". `password_made` becomes the
// path of a password that was made now.
Result<MqttUsers> mqtt_users_of(const std::string& data_directory, const std::string& file,
                                std::string& password_made);

}  // namespace keel::node
