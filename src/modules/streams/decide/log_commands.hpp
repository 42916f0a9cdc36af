// What commands about named streams and their consumers decide. Private to this folder.
#pragma once

#include "base/describe/wire.hpp"
#include "kernel/transaction.hpp"
#include "modules/streams/state/state.hpp"

namespace keel::streams {

// All of it outlives the decision.
struct LogDecision {
  const State& state;
  kernel::Transaction& tx;
  const kernel::Context& context;

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

inline kernel::Outcome outcome(LogCode code) {
  return {static_cast<std::uint16_t>(code)};
}

// An Error (streams.bad_request, streams.unknown_type) writes nothing.
Result<kernel::Outcome> decide_about_logs(const LogDecision& d, const kernel::Command& command);

Result<kernel::Outcome> decide(const LogDecision& d, const PutStream& asked);
Result<kernel::Outcome> decide(const LogDecision& d, const DeleteStream& asked);
Result<kernel::Outcome> decide(const LogDecision& d, const PurgeStream& asked);
Result<kernel::Outcome> decide(const LogDecision& d, const PutConsumer& asked);
Result<kernel::Outcome> decide(const LogDecision& d, const DeleteConsumer& asked);
Result<kernel::Outcome> decide(const LogDecision& d, const Fetch& asked);
Result<kernel::Outcome> decide(const LogDecision& d, const Acknowledge& asked);

// 1 to kMaxStreamName of A-Z a-z 0-9 _ - : a token of a subject, and a level of a topic.
Result<> check_stream_name(std::string_view field, std::string_view value);
Result<> check_bound(std::string_view field, std::uint64_t value, std::uint64_t most);

// One event for the first of what is due; false: nothing is.
bool pass_stream_time(const State& state, kernel::Transaction& tx, const kernel::Context& context);

}  // namespace keel::streams
