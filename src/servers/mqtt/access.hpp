// Who a client is and what it may do: the port that a node puts its users behind.
//
// Thread: the server's core.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "runtime/security.hpp"
#include "runtime/task.hpp"
#include "wire/mqtt/topic/access_pattern.hpp"

namespace keel::broker {

// What a client says of itself. Views live until the answer.
struct Login {
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<ByteView> password;
  const runtime::Security* security = nullptr;  // null: a plain socket
  std::string_view peer;                        // "127.0.0.1:50312"
};

struct Identity {
  std::string user;                          // empty: nobody, where that is allowed
  const mqtt::AccessList* access = nullptr;  // never null; lives as long as the authenticator
  bool is_registered = false;  // in a registry that may bar it later: Server::end_registered()
};

// One enhanced authentication (MQTT 5, section 4.12): the client's data and the server's, to and
// fro, until one verdict. Owned by the connection.
class AuthenticationExchange {
 public:
  virtual ~AuthenticationExchange() = default;
  enum class Verdict : std::uint8_t { more, let_in, refused };
  struct Round {
    Verdict verdict = Verdict::refused;
    Bytes data;         // to the client, of `more` and `let_in`
    Identity identity;  // of `let_in`
  };
  // `data`: what the client has said last, from CONNECT on; it lives until the answer. An error:
  // nobody can say now (kServerBusy).
  virtual runtime::Task<Result<Round>> next(ByteView data) = 0;
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Begins an exchange of this method, also for a client that is in and proves itself again; the
  // login's views live until this returns. Null: the method is not known here.
  virtual std::unique_ptr<AuthenticationExchange> begin(std::string_view method,
                                                        const Login& login) {
    static_cast<void>(method), static_cast<void>(login);
    return nullptr;
  }
  // Nothing: the client is not let in. An error: nobody can say now (kServerBusy).
  virtual runtime::Task<Result<std::optional<Identity>>> authenticate(const Login& login) = 0;
};

}  // namespace keel::broker
