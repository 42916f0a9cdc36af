// Who a client is and what it may do: the port that a node puts its users behind.
//
// Thread: the server's core.
#pragma once

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
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Nothing: the client is not let in. An error: nobody can say now (kServerBusy).
  virtual runtime::Task<Result<std::optional<Identity>>> authenticate(const Login& login) = 0;
};

}  // namespace keel::broker
