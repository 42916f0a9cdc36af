// What a decision of charging works with, and the small steps that several decisions share. Private
// to this folder.
#pragma once

#include "base/checked.hpp"
#include "base/describe/wire.hpp"
#include "modules/charging/decide/form.hpp"
#include "modules/charging/errors.hpp"
#include "modules/charging/state/state.hpp"
#include "modules/ledger/ledger.hpp"

namespace keel::charging {

using kernel::Outcome;

inline Outcome outcome(OutcomeCode code) {
  return {static_cast<std::uint16_t>(code)};
}

// All of it outlives the decision.
struct Decision {
  const State& state;
  const ledger::Ledger& ledger;
  kernel::Transaction& tx;
  const kernel::Context& context;
  const kernel::Command* command = nullptr;  // null: time decides
  std::size_t* emitted = nullptr;            // counts events, those of the ledger too

  TenantId tenant() const { return tx.tenant(); }
  Timestamp now() const { return context.now; }
  CorrelationId correlation() const {
    return command == nullptr ? CorrelationId() : command->correlation;
  }
  const SettingsRow* settings() const { return state.settings_of(tenant()); }

  template <typename E>
  void emit(const E& event) const {
    Bytes payload;
    encode(event, payload);
    tx.emit(E::kEventType, E::kSchemaVersion, payload);
    if (emitted != nullptr) ++*emitted;
  }
  template <typename A>
  void answer(const A& value) const {
    encode(value, tx.reply());
  }
};

// --- time: a station's clock may lie ---

struct EventTime {
  Timestamp counts{};  // what is billed by
  bool wrong = false;  // what the station said is not plausible: cell time stands in
};
EventTime event_time(const Decision& d, Timestamp said);

// --- tokens ---

Digest token_digest(const SettingsRow& settings, std::string_view token);

struct TokenCheck {
  Digest digest{};
  TokenStatus status{};
  Timestamp expires_at{};
  std::string group;
  DriverId driver{};    // zero: unknown
  uint128 account = 0;  // of the driver
};
// What the token may do now; `for_start`: in a session of its own.
TokenCheck check_token(const Decision& d, std::string_view token, bool for_start);
// Can the account bear a hold? (Nothing is reserved.)
bool can_hold(const Decision& d, uint128 account);

// --- sessions ---

TariffTerms terms_of_session(const Decision& d, const SessionRow& row);

// How a session ended.
struct Ending {
  std::uint64_t register_wh = 0;
  Timestamp station_time{};
  StopReason reason{};
  Digest token{};
  Digest stop_digest{};
  std::vector<Reading> readings;
  SessionFlags flags;  // to add
};

// Of all that follow: a session that is not in memory is passed over. That happens in a decision
// that lacked a cold row and will be made again, whose own events were not applied.

// A station has told the end of a session that is open, or that was closed by policy: stops it and
// bills it (anew).
Result<> stop_session(const Decision& d, SessionNumber session, const Ending& ending);

// Nobody has told the end: what is known is billed, and a late stop may correct it; `no`: it has
// been waited for long enough.
Result<> close_by_policy(const Decision& d, SessionNumber session, StopReason reason,
                         Correctable correctable = Correctable::yes);

// Bills a session that is stopped; when the ledger refuses, it is tried again by time.
Result<> bill_session(const Decision& d, SessionNumber session);

// Records readings of a session; what counts goes into its usage.
// Keeps readings that no session can have in the record: their station is told that they were
// taken.
void leave_unplaced(const Decision& d, std::string_view station, ConnectorNumber connector,
                    SessionNumber named, const std::vector<Reading>& readings);
void record_readings(const Decision& d, SessionNumber session,
                     const std::vector<Reading>& readings);

// What a signed value is worth beside the key that is registered for its meter (empty: none).
SignedVerdict signed_verdict(const Reading& reading, ByteView registered);
// What is to be said of its session.
SessionFlags signed_flags(const Reading& reading, SignedVerdict verdict);
// The last signed register that came with a stop is that of the stop.
SessionFlags signed_flags_of_stop(const std::vector<Reading>& readings, std::uint64_t stop_wh);
// Whether the records that are kept of them fit; else charging.too_many.
Result<> room_for_signed(const Decision& d, const std::vector<Reading>& readings);

// A kept stop that fits this new session ends it.
Result<> match_kept_stop(const Decision& d, SessionNumber session);

// Whether a row more fits; else charging.too_many.
Result<> room_in(const kernel::TableBase& table, std::uint64_t rows = 1);

}  // namespace keel::charging
