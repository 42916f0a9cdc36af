// Who is asking: from a bearer token to a tenant and a principal. Implemented by the node (one
// token made at first start), later by the identity module.
//
// Thread: the server's core.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.hpp"

namespace keel::servers {

struct Caller {
  TenantId tenant;
  PrincipalId principal;
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Takes the same time for every wrong token of a length.
  virtual std::optional<Caller> authenticate(std::string_view token) const = 0;
};

}  // namespace keel::servers
