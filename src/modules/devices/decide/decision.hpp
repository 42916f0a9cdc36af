// What a decision of devices works with, and the small steps that several decisions share. Private
// to this folder.
#pragma once

#include "base/describe/wire.hpp"
#include "kernel/transaction.hpp"
#include "modules/devices/errors.hpp"
#include "modules/devices/state/state.hpp"

namespace keel::devices {

using kernel::Outcome;

inline Outcome outcome(OutcomeCode code) {
  return {static_cast<std::uint16_t>(code)};
}

// All of it outlives the decision.
struct Decision {
  const State& state;
  kernel::Transaction& tx;
  const kernel::Context& context;
  const kernel::Command* command = nullptr;  // null: time decides

  TenantId tenant() const { return tx.tenant(); }
  Timestamp now() const { return context.now; }

  template <typename E>
  void emit(const E& event) const {
    Bytes payload;
    encode(event, payload);
    tx.emit(E::kEventType, E::kSchemaVersion, payload);
  }
  template <typename A>
  void answer(const A& value) const {
    encode(value, tx.reply());
  }
};

// The form of what is asked. An Error (devices.bad_request) names the field.

// 1 to `most` bytes of A-Z a-z 0-9 . _ : - : what may be a level of a topic.
Result<> check_name(std::string_view field, std::string_view value,
                    std::size_t most = kMaxShortText);
// Up to `most` bytes of UTF-8 without zeros.
Result<> check_text(std::string_view field, std::string_view value,
                    std::size_t most = kMaxShortText);
Result<> check_range(std::string_view field, std::uint64_t value, std::uint64_t least,
                     std::uint64_t most);

// Whether so many rows more fit; else devices.too_many.
Result<> room_in(const kernel::TableBase& table, std::uint64_t rows = 1);

}  // namespace keel::devices
