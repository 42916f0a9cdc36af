// RecordFilter: which records of a cell's history somebody wants to see.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/state/outcome_record.hpp"
#include "journal/port.hpp"
#include "kernel/types.hpp"

namespace keel::engine {

struct RecordFilter {
  std::optional<TenantId> tenant;        // without: every tenant's
  std::vector<kernel::EventType> types;  // empty: events of every type
  bool outcomes = false;                 // also how each command ended (outcome_record.hpp)

  bool matches(const journal::Envelope& envelope) const {
    if (tenant.has_value() && envelope.tenant != *tenant) return false;
    const kernel::EventType type(envelope.type);
    if (type.module() == kEngineModule) return outcomes && type == kOutcomeType;
    return types.empty() || std::ranges::find(types, type) != types.end();
  }
};

}  // namespace keel::engine
