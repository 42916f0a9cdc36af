// SCRAM-SHA-256 (RFC 5802, RFC 7677) as a method of MQTT's enhanced authentication: the client
// proves that it knows a password, the server that it knew it too, and neither says it. The
// exchange is GNU SASL's; what is here is which user's keys it is given.
//
// A name that is not known gets a salt and as many iterations as a known one, always the same, and
// is refused at the end like a wrong password (RFC 5802, section 9).
//
// Thread: the server's core; an exchange costs some HMACs there, the iterations are the client's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "servers/mqtt/access.hpp"

struct Gsasl;

namespace keel::node {

inline constexpr std::string_view kScramMethod = "SCRAM-SHA-256";

// What a server keeps of a password. The salt and the keys are base64.
struct ScramVerifier {
  std::string iterations;
  std::string salt;
  std::string stored_key;
  std::string server_key;
};

// "{SCRAM-SHA-256}4096,salt,StoredKey,ServerKey", as `gsasl --mkpasswd` prints it. kBadConfig says
// what would be right.
Result<ScramVerifier> parse_scram(std::string_view text);

// The users of a method, by their names.
class ScramUsers {
 public:
  struct User {
    const ScramVerifier* verifier = nullptr;  // null: it has none
    const mqtt::AccessList* access = nullptr;
  };
  virtual User find_scram(std::string_view name) const = 0;

 protected:
  ~ScramUsers() = default;
};

// Makes exchanges. Outlives them, and the users outlive it.
class Scram {
 public:
  // `decoy_key`: of chance, at least 16 bytes; it makes the salts of names that are not known.
  Scram(const ScramUsers& users, Bytes decoy_key);
  ~Scram();

  // `name`: what the client has said in CONNECT; empty: nothing. It must be the name that it
  // proves.
  std::unique_ptr<broker::AuthenticationExchange> begin(std::string_view name);

 private:
  friend class ScramExchange;
  struct Freed {
    void operator()(Gsasl* library) const noexcept;
  };

  const ScramUsers& users_;
  Bytes decoy_key_;
  std::unique_ptr<Gsasl, Freed> library_;
};

}  // namespace keel::node
