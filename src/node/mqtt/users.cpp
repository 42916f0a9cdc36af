#include "node/mqtt/users.hpp"

#include <sodium.h>
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash/sha256.hpp"
#include "node/access/token.hpp"
#include "node/config/errors.hpp"

namespace keel::node {
namespace {

constexpr std::string_view kArgon = "$argon2id$";
constexpr std::string_view kSha = "sha256:";

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Error bad(const toml::node& node, std::string_view what) const {
    return Error(kBadConfig, std::string(file_) + ":" + std::to_string(node.source().begin.line) +
                                 ": " + std::string(what));
  }

  Result<std::string> text(const toml::node& node, std::string_view key) const {
    const auto* string = node.as_string();
    if (string == nullptr) return bad(node, std::string(key) + ": expected a text");
    return string->get();
  }

  Result<> password(const toml::node& node, MqttUser& user) const {
    const std::string hash = KEEL_TRY(text(node, "password"));
    if (hash.starts_with(kArgon) && hash.size() < crypto_pwhash_STRBYTES) {
      user.argon2id = hash;
      return success();
    }
    Digest digest{};
    const Result<Bytes> bytes =
        hash.starts_with(kSha) ? from_hex(hash.substr(kSha.size())) : Result<Bytes>(kBadConfig);
    if (!bytes.ok() || bytes->size() != digest.size()) {
      return bad(node,
                 "password: expected a hash, \"$argon2id$...\" or \"sha256:\" and 64 hexadecimal "
                 "digits; never the password itself");
    }
    std::ranges::copy(*bytes, digest.begin());
    user.sha256 = digest;
    return success();
  }

  Result<> certificate(const toml::node& node, MqttUser& user) const {
    user.certificate = KEEL_TRY(text(node, "certificate"));
    for (const std::string_view kind : {"cn:", "dns:", "uri:", "email:", "ip:", "fingerprint:"})
      if (user.certificate.starts_with(kind)) return success();
    return bad(node,
               "certificate: expected \"cn:\", \"dns:\", \"uri:\" or \"fingerprint:\" and a "
               "name, got \"" +
                   user.certificate + "\"");
  }

  Result<> rule(const toml::node& node, mqtt::AccessList& access) const {
    const std::string line = KEEL_TRY(text(node, "allow"));
    const std::size_t space = line.find(' ');
    const std::string_view what = std::string_view(line).substr(0, space);
    const bool is_known = what == "publish" || what == "subscribe" || what == "both";
    if (space == std::string::npos || !is_known) {
      return bad(node,
                 "allow: expected \"publish\", \"subscribe\" or \"both\", a space and a "
                 "topic filter, got \"" +
                     line + "\"");
    }
    auto pattern = mqtt::AccessPattern::make(std::string_view(line).substr(space + 1));
    if (!pattern.ok()) return bad(node, "allow: this is no topic filter: \"" + line + "\"");
    access.allow({.access = what == "publish"     ? mqtt::Access::publish
                            : what == "subscribe" ? mqtt::Access::subscribe
                                                  : mqtt::Access::both,
                  .pattern = std::move(pattern).value()});
    return success();
  }

  Result<> allow(const toml::node& node, mqtt::AccessList& access) const;
  Result<MqttUser> user(const std::string& name, const toml::node& node) const;

 private:
  std::string_view file_;
};

void allow_everything(mqtt::AccessList& access) {
  for (const std::string_view filter : {"#", "$SYS/#", "$keel/#"}) {
    access.allow(
        {.access = mqtt::Access::both, .pattern = mqtt::AccessPattern::make(filter).value()});
  }
}

Result<> Reader::allow(const toml::node& node, mqtt::AccessList& access) const {
  if (const auto* all = node.as_string(); all != nullptr && all->get() == "everything") {
    allow_everything(access);
    return success();
  }
  const auto* rules = node.as_array();
  if (rules == nullptr) return bad(node, "allow: expected \"everything\" or a list of rules");
  for (const toml::node& each : *rules) KEEL_TRY(rule(each, access));
  return success();
}

Result<MqttUser> Reader::user(const std::string& name, const toml::node& node) const {
  const toml::table* table = node.as_table();
  if (table == nullptr) return bad(node, "users." + name + ": expected a table");
  MqttUser user;
  for (const auto& [key, value] : *table) {
    if (key.str() == "password") {
      KEEL_TRY(password(value, user));
    } else if (key.str() == "scram") {
      Result<ScramVerifier> verifier = parse_scram(KEEL_TRY(text(value, "scram")));
      if (!verifier.ok()) return bad(value, verifier.error().detail());
      user.scram = std::move(verifier).value();
    } else if (key.str() == "certificate") {
      KEEL_TRY(certificate(value, user));
    } else if (key.str() == "allow") {
      KEEL_TRY(allow(value, user.access));
    } else {
      return bad(value, "users." + name + ": \"" + std::string(key.str()) +
                            "\" is not known; expected password, scram, certificate or allow");
    }
  }
  if (user.argon2id.empty() && !user.sha256 && user.certificate.empty() && !user.scram)
    return bad(node, "users." + name + ": expected a password, scram or a certificate");
  return user;
}

}  // namespace

Result<MqttUsers> parse_mqtt_users(std::string_view text, std::string_view name) {
  const Reader reader(name);
  toml::table file;
  try {
    file = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    return Error(kBadConfig, std::string(name) + ":" + std::to_string(error.source().begin.line) +
                                 ": " + std::string(error.description()));
  }
  MqttUsers users;
  for (const auto& [key, node] : file) {
    const toml::table* table = node.as_table();
    if (key.str() == "users" && table != nullptr) {
      for (const auto& [user, value] : *table) {
        const std::string user_name(user.str());
        users.users.emplace(user_name, KEEL_TRY(reader.user(user_name, value)));
      }
    } else if (key.str() == "anonymous" && table != nullptr) {
      mqtt::AccessList& access = users.anonymous.emplace();
      for (const auto& [inner, value] : *table) {
        if (inner.str() == "any_name" && value.is_boolean()) {
          users.is_any_name_anonymous = value.as_boolean()->get();
        } else if (inner.str() == "allow") {
          KEEL_TRY(reader.allow(value, access));
        } else {
          return reader.bad(value, "anonymous: expected allow, or any_name = true");
        }
      }
    } else {
      return reader.bad(node, "expected tables [users.NAME] and [anonymous]");
    }
  }
  return users;
}

Result<MqttUsers> read_mqtt_users(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error(kBadConfig, path + ": cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_mqtt_users(text.str(), path);
}

Result<std::string> make_argon2id(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (::crypto_pwhash_str(hash.data(), password.data(), password.size(),
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    return Error(kBadConfig, "no memory for the hash of a password");
  return std::string(hash.data());
}

MqttUsers one_mqtt_user(std::string_view user, std::string_view secret) {
  MqttUsers users;
  MqttUser& one = users.users[std::string(user)];
  one.sha256 = sha256(as_bytes(secret));
  allow_everything(one.access);
  return users;
}

Result<MqttUsers> mqtt_users_of(const std::string& data_directory, const std::string& file,
                                std::string& password_made) {
  const bool is_auto = file == "auto";
  const std::string path = is_auto ? data_directory + "/mqtt_users.toml" : file;
  if (!is_auto || std::filesystem::exists(path)) return read_mqtt_users(path);
  constexpr std::string_view kPassword = "mqtt_password";
  const Token secret = KEEL_TRY(read_or_make_token(data_directory, std::string(kPassword)));
  if (secret.made) password_made = data_directory + "/" + std::string(kPassword);
  return one_mqtt_user("keel", secret.text);
}

}  // namespace keel::node
