// TenantRevisions: the position at which each tenant's data last changed; what a command's
// expected_revision is compared with. Changes can be taken back until they are forgotten.
//
// Thread: the cell's writer. Memory: about 40 bytes a tenant that has ever changed something.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "base/assert.hpp"
#include "base/ids.hpp"

namespace keel::engine {

class TenantRevisions {
 public:
  Position of(TenantId tenant) const {
    const auto found = revisions_.find(tenant);
    return found == revisions_.end() ? Position{} : found->second;
  }
  void set(TenantId tenant, Position revision) {
    Position& stored = revisions_[tenant];
    undo_.push_back({.tenant = tenant, .before = stored});
    stored = revision;
  }

  // A place in the history of set().
  std::uint64_t mark() const noexcept { return first_ + undo_.size(); }
  void rollback_to(std::uint64_t to) {
    KEEL_ASSERT(to >= first_);
    for (; mark() > to; undo_.pop_back()) {
      const Change& change = undo_.back();
      if (change.before.is_zero()) {
        revisions_.erase(change.tenant);
      } else {
        revisions_[change.tenant] = change.before;
      }
    }
  }
  void forget_until(std::uint64_t to) {
    for (; first_ < to && !undo_.empty(); ++first_) undo_.pop_front();
  }

  // In the order of the tenants.
  const std::map<TenantId, Position>& all() const noexcept [[clang::lifetimebound]] {
    return revisions_;
  }

 private:
  struct Change {
    TenantId tenant;
    Position before;
  };
  std::map<TenantId, Position> revisions_;
  std::deque<Change> undo_;
  std::uint64_t first_ = 0;
};

}  // namespace keel::engine
