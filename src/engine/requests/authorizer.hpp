// Authorizer: the one place that says who may do what, for all servers. The engine asks it before
// anything else; without a yes nothing happens.
//
// Thread: the cell's writer; so it answers from memory, at once.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/errors.hpp"
#include "kernel/command.hpp"
#include "kernel/personal.hpp"

namespace keel::engine {

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // kNotAllowed, or success.
  virtual Result<> authorize(PrincipalId principal, const kernel::Command& command) const = 0;
  virtual Result<> authorize(PrincipalId principal, const kernel::Query& query) const = 0;
  // May it read the history of a tenant, or (without one) of all.
  virtual Result<> authorize_reading(PrincipalId principal, std::optional<TenantId> tenant) const {
    static_cast<void>(principal), static_cast<void>(tenant);
    return kNotAllowed;
  }
  // May it see what is personal of somebody, and have it destroyed.
  virtual Result<> authorize_personal(PrincipalId principal, const kernel::Subject& of) const {
    static_cast<void>(principal), static_cast<void>(of);
    return kNotAllowed;
  }
};

// The default.
class DenyAll final : public Authorizer {
 public:
  Result<> authorize(PrincipalId, const kernel::Command&) const override { return kNotAllowed; }
  Result<> authorize(PrincipalId, const kernel::Query&) const override { return kNotAllowed; }
};

}  // namespace keel::engine
