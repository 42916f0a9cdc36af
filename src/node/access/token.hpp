// The node's own bearer token: made at the first start, kept in a file that only its owner can
// read, and remembered in memory as a hash.
//
// Thread: made before the cores run, then read by the network core.
#pragma once

#include <string>

#include "base/hash/digest.hpp"
#include "base/result.hpp"
#include "servers/api/caller.hpp"

namespace keel::node {

struct Token {
  std::string text;   // "keel_" and 64 hexadecimal digits: 256 random bits
  bool made = false;  // by this call
};

// Reads the file of this name in the directory, or makes it (mode 0600). The directory is made if
// it is not there.
Result<Token> read_or_make_token(const std::string& directory, const std::string& name = "token");

// Knows one token: the operator's, principal 1 of tenant 1.
class TokenAuthenticator final : public servers::Authenticator {
 public:
  explicit TokenAuthenticator(std::string_view token);
  std::optional<servers::Caller> authenticate(std::string_view token) const override;

 private:
  Digest digest_;
};

inline constexpr servers::Caller kOperator{TenantId(1), PrincipalId(1)};

}  // namespace keel::node
