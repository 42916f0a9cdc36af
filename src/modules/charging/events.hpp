// The facts of charging that are about sessions (setup_events.hpp has the others), as they stand in
// the journal: described structs. The tenant, the cell's time and the correlation are in the
// record's envelope. Each names its event type and version; docs/charging.md has the table.
#pragma once

#include <vector>

#include "modules/charging/requests.hpp"
#include "modules/charging/setup_events.hpp"

namespace keel::charging {

// What has been used so far, by rate of the tariff (PriceLine::rate), and what it stands on.
struct Usage {
  BoundedVector<std::uint64_t, kMaxRates> energy_wh;
  BoundedVector<std::uint64_t, kMaxRates> time_s;
  std::uint64_t idle_s = 0;       // grace included
  Timestamp counted_until;        // time is counted up to here
  bool idle = false;              // since then
  std::uint64_t register_wh = 0;  // of the last reading that counts
  Timestamp register_time;        // and its time, as it counts
  std::uint32_t readings = 0;     // that count: the start's, the stop's, and those between
  Digest readings_digest{};       // chain over them: docs/charging.md

  friend bool operator==(const Usage&, const Usage&) = default;
  static constexpr auto description() {
    return describe<Usage>(
        "keel.charging.Usage", field<1>("energy_wh", &Usage::energy_wh, doc("By rate.")),
        field<2>("time_s", &Usage::time_s, doc("By rate.")), field<3>("idle_s", &Usage::idle_s),
        field<4>("counted_until", &Usage::counted_until), field<5>("idle", &Usage::idle),
        field<6>("register_wh", &Usage::register_wh),
        field<7>("register_time", &Usage::register_time), field<8>("readings", &Usage::readings),
        field<9>("readings_digest", &Usage::readings_digest));
  }
};

// The start of a session. Times: `station_time` as the station said, `started_at` as it counts.
struct SessionStarted {
  static constexpr kernel::EventType kEventType{kModule, 20};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  std::string station;
  ConnectorNumber connector;
  Digest token{};       // keyed digest of the token
  DriverId driver;      // zero: unknown
  uint128 account = 0;  // of the driver; zero: the receivables account
  TokenStatus token_status{};
  TariffId tariff;
  TariffVersion tariff_version;
  std::uint64_t register_wh = 0;
  Timestamp station_time;
  Timestamp started_at;
  Timestamp recorded_at;  // cell time
  Amount hold = 0;        // reserved; zero: nothing
  uint128 hold_transfer = 0;
  SessionFlags flags;
  CorrelationId correlation;
  CallId call;
  Digest start_digest{};  // of what the station said: the same start again is known by it
  Usage usage;
  static constexpr auto description() {
    return describe<SessionStarted>(
        "keel.charging.SessionStarted", field<1>("session", &SessionStarted::session),
        field<2>("station", &SessionStarted::station),
        field<3>("connector", &SessionStarted::connector),
        field<4>("token", &SessionStarted::token), field<5>("driver", &SessionStarted::driver),
        field<6>("account", &SessionStarted::account),
        field<7>("token_status", &SessionStarted::token_status),
        field<8>("tariff", &SessionStarted::tariff),
        field<9>("tariff_version", &SessionStarted::tariff_version),
        field<10>("register_wh", &SessionStarted::register_wh),
        field<11>("station_time", &SessionStarted::station_time),
        field<12>("started_at", &SessionStarted::started_at),
        field<13>("recorded_at", &SessionStarted::recorded_at),
        field<14>("hold", &SessionStarted::hold),
        field<15>("hold_transfer", &SessionStarted::hold_transfer),
        field<16>("flags", &SessionStarted::flags),
        field<17>("correlation", &SessionStarted::correlation),
        field<18>("call", &SessionStarted::call),
        field<19>("start_digest", &SessionStarted::start_digest),
        field<20>("usage", &SessionStarted::usage));
  }
};

// A signed record of a meter whose signature holds, as a bill shows it.
struct SignedValue {
  SignedVerdict verdict{};                 // verified or unregistered
  Timestamp time;                          // of its reading, as the station said
  std::string record;                      // OCMF, as it came
  Bytes meter_key;                         // by which it holds: SubjectPublicKeyInfo in DER
  std::optional<std::uint64_t> signed_wh;  // the register in it

  friend bool operator==(const SignedValue&, const SignedValue&) = default;
  static constexpr auto description() {
    return describe<SignedValue>(
        "keel.charging.SignedValue", field<1>("verdict", &SignedValue::verdict),
        field<2>("time", &SignedValue::time), field<3>("record", &SignedValue::record),
        field<4>("meter_key", &SignedValue::meter_key, doc("SubjectPublicKeyInfo in DER.")),
        field<5>("signed_wh", &SignedValue::signed_wh));
  }
};

// The signed values of a session: how many were worth what (at most 65,535 of each are counted),
// and the first and the last whose signature holds.
struct SignedValues {
  std::uint16_t verified = 0;
  std::uint16_t unregistered = 0;
  std::uint16_t refused = 0;         // any other verdict
  std::vector<SignedValue> records;  // kMaxBilledRecords

  friend bool operator==(const SignedValues&, const SignedValues&) = default;
  static constexpr auto description() {
    return describe<SignedValues>(
        "keel.charging.SignedValues", field<1>("verified", &SignedValues::verified),
        field<2>("unregistered", &SignedValues::unregistered),
        field<3>("refused", &SignedValues::refused), field<4>("records", &SignedValues::records));
  }
};

// Readings of a session, all of them as they came; `counts` says which are billed.
struct ReadingsRecorded {
  static constexpr kernel::EventType kEventType{kModule, 21};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  std::vector<Reading> readings;
  std::vector<std::uint8_t> counts;  // 1: billed; as many as readings
  SessionFlags flags;                // of the session from now on
  Usage usage;
  std::vector<std::uint8_t> verdicts;  // SignedVerdict of each; empty: nothing was signed
  static constexpr auto description() {
    return describe<ReadingsRecorded>(
        "keel.charging.ReadingsRecorded", field<1>("session", &ReadingsRecorded::session),
        field<2>("readings", &ReadingsRecorded::readings),
        field<3>("counts", &ReadingsRecorded::counts), field<4>("flags", &ReadingsRecorded::flags),
        field<5>("usage", &ReadingsRecorded::usage),
        field<6>("verdicts", &ReadingsRecorded::verdicts));
  }
};

// The vehicle stopped taking energy, or takes it again.
struct IdleChanged {
  static constexpr kernel::EventType kEventType{kModule, 22};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  Usage usage;
  static constexpr auto description() {
    return describe<IdleChanged>("keel.charging.IdleChanged",
                                 field<1>("session", &IdleChanged::session),
                                 field<2>("usage", &IdleChanged::usage));
  }
};

// A session is over: by its station, by an operator, or by policy. What is billed follows at once
// as `session_closed`, unless the ledger refused.
struct SessionStopped {
  static constexpr kernel::EventType kEventType{kModule, 23};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  std::uint64_t register_wh = 0;
  Timestamp station_time;
  Timestamp stopped_at;  // as it counts
  StopReason reason{};
  Digest token{};  // who stopped it; zeros: not said
  SessionFlags flags;
  Digest stop_digest{};  // of what the station said; zeros: nothing
  Usage usage;
  Timestamp recorded_at;     // cell time
  bool correctable = false;  // nobody has told the end: a late stop corrects the bill
  static constexpr auto description() {
    return describe<SessionStopped>(
        "keel.charging.SessionStopped", field<1>("session", &SessionStopped::session),
        field<2>("register_wh", &SessionStopped::register_wh),
        field<3>("station_time", &SessionStopped::station_time),
        field<4>("stopped_at", &SessionStopped::stopped_at),
        field<5>("reason", &SessionStopped::reason), field<6>("token", &SessionStopped::token),
        field<7>("flags", &SessionStopped::flags),
        field<8>("stop_digest", &SessionStopped::stop_digest),
        field<9>("usage", &SessionStopped::usage),
        field<10>("recorded_at", &SessionStopped::recorded_at),
        field<11>("correctable", &SessionStopped::correctable));
  }
};

// The bill of a session, with all that a receipt says. Version 1 when it is closed; a correction
// takes back the transfers of the version before (`reversals`) and bills anew.
// total = sum of lines (+ tax, where prices are without it) = net + tax
//       = captured + charged + receivable.
struct SessionClosed {
  static constexpr kernel::EventType kEventType{kModule, 24};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  std::uint32_t version = 0;
  std::string station;
  ConnectorNumber connector;
  Digest token{};
  DriverId driver;
  std::uint64_t start_register_wh = 0;
  std::uint64_t stop_register_wh = 0;
  Timestamp started_at;  // as they count
  Timestamp stopped_at;
  Timestamp station_start_time;  // as the station said; zero: it did not
  Timestamp station_stop_time;
  Timestamp recorded_start;  // cell time
  Timestamp recorded_stop;
  StopReason reason{};
  Usage usage;
  TariffId tariff;
  TariffVersion tariff_version;
  TariffTerms terms;
  std::vector<PriceLine> lines;  // kMaxLines
  Amount net = 0;
  Amount tax = 0;
  Amount total = 0;
  std::string currency;
  std::uint8_t exponent = 0;
  std::uint32_t ledger = 0;
  Amount held = 0;
  Amount captured = 0;             // of the hold
  Amount charged = 0;              // from the driver's account beside the hold
  Amount receivable = 0;           // from the receivables account
  std::vector<uint128> transfers;  // ids in the ledger, in order; the hold is not among them
  std::vector<uint128> reversals;  // that took back the version before
  uint128 hold_transfer = 0;
  SessionFlags flags;
  CorrelationId correlation;
  Timestamp closed_at;                        // cell time
  std::optional<SignedValues> signed_values;  // none: nothing was signed

  friend bool operator==(const SessionClosed&, const SessionClosed&) = default;
  static constexpr auto description() {
    using S = SessionClosed;
    return describe<S>(
        "keel.charging.SessionClosed", field<1>("session", &S::session),
        field<2>("version", &S::version), field<3>("station", &S::station),
        field<4>("connector", &S::connector), field<5>("token", &S::token),
        field<6>("driver", &S::driver), field<7>("start_register_wh", &S::start_register_wh),
        field<8>("stop_register_wh", &S::stop_register_wh), field<9>("started_at", &S::started_at),
        field<10>("stopped_at", &S::stopped_at),
        field<11>("station_start_time", &S::station_start_time),
        field<12>("station_stop_time", &S::station_stop_time),
        field<13>("recorded_start", &S::recorded_start),
        field<14>("recorded_stop", &S::recorded_stop), field<15>("reason", &S::reason),
        field<16>("usage", &S::usage), field<17>("tariff", &S::tariff),
        field<18>("tariff_version", &S::tariff_version), field<19>("terms", &S::terms),
        field<20>("lines", &S::lines), field<21>("net", &S::net), field<22>("tax", &S::tax),
        field<23>("total", &S::total), field<24>("currency", &S::currency),
        field<25>("exponent", &S::exponent), field<26>("ledger", &S::ledger),
        field<27>("held", &S::held), field<28>("captured", &S::captured),
        field<29>("charged", &S::charged), field<30>("receivable", &S::receivable),
        field<31>("transfers", &S::transfers), field<32>("reversals", &S::reversals),
        field<33>("hold_transfer", &S::hold_transfer), field<34>("flags", &S::flags),
        field<35>("correlation", &S::correlation), field<36>("closed_at", &S::closed_at),
        field<37>("signed_values", &S::signed_values));
  }
};

// The ledger refused to post: tried again at `retry_at`.
struct SessionDeferred {
  static constexpr kernel::EventType kEventType{kModule, 25};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  std::uint32_t ledger_code = 0;  // TransferCode of the first refusal
  Timestamp retry_at;
  static constexpr auto description() {
    return describe<SessionDeferred>("keel.charging.SessionDeferred",
                                     field<1>("session", &SessionDeferred::session),
                                     field<2>("ledger_code", &SessionDeferred::ledger_code),
                                     field<3>("retry_at", &SessionDeferred::retry_at));
  }
};

// A stop whose session is not known: kept until a start fits.
struct StopKept {
  static constexpr kernel::EventType kEventType{kModule, 26};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  SessionNumber named;  // what the station called the session
  Digest token{};       // zeros: not said
  std::uint64_t register_wh = 0;
  Timestamp time;
  StopReason reason{};
  Digest stop_digest{};
  Timestamp kept_until;
  CorrelationId correlation;
  static constexpr auto description() {
    return describe<StopKept>(
        "keel.charging.StopKept", field<1>("station", &StopKept::station),
        field<2>("named", &StopKept::named), field<3>("token", &StopKept::token),
        field<4>("register_wh", &StopKept::register_wh), field<5>("time", &StopKept::time),
        field<6>("reason", &StopKept::reason), field<7>("stop_digest", &StopKept::stop_digest),
        field<8>("kept_until", &StopKept::kept_until),
        field<9>("correlation", &StopKept::correlation));
  }
};

// A kept stop is kept no more: `session` has it, or (zero) no start came in time.
struct StopReleased {
  static constexpr kernel::EventType kEventType{kModule, 27};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  Digest stop_digest{};
  SessionNumber session;
  static constexpr auto description() {
    return describe<StopReleased>("keel.charging.StopReleased",
                                  field<1>("stop_digest", &StopReleased::stop_digest),
                                  field<2>("session", &StopReleased::session));
  }
};

// A stop of a session that is over already says something else: kept, not billed.
struct StopConflicted {
  static constexpr kernel::EventType kEventType{kModule, 28};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  std::uint64_t register_wh = 0;
  Timestamp time;
  Digest stop_digest{};
  static constexpr auto description() {
    return describe<StopConflicted>("keel.charging.StopConflicted",
                                    field<1>("session", &StopConflicted::session),
                                    field<2>("register_wh", &StopConflicted::register_wh),
                                    field<3>("time", &StopConflicted::time),
                                    field<4>("stop_digest", &StopConflicted::stop_digest));
  }
};

// Nothing was heard of the session itself, but its station is there: not closed before `until`.
struct SessionExtended {
  static constexpr kernel::EventType kEventType{kModule, 29};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  Timestamp until;
  static constexpr auto description() {
    return describe<SessionExtended>("keel.charging.SessionExtended",
                                     field<1>("session", &SessionExtended::session),
                                     field<2>("until", &SessionExtended::until));
  }
};

// A session that was closed by policy can be corrected no more: no late stop came.
struct CorrectionEnded {
  static constexpr kernel::EventType kEventType{kModule, 30};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  SessionNumber session;
  static constexpr auto description() {
    return describe<CorrectionEnded>("keel.charging.CorrectionEnded",
                                     field<1>("session", &CorrectionEnded::session));
  }
};

// Readings that no bill can have any more, or that are of no session that is known: kept in the
// record, because their station was told that they were taken, and not billed.
struct ReadingsUnplaced {
  static constexpr kernel::EventType kEventType{kModule, 31};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  ConnectorNumber connector{};  // zero: not said
  SessionNumber named;          // what the station called the session; zero: it did not
  SessionNumber session;        // the one that is over; zero: none is known
  std::vector<Reading> readings;
  static constexpr auto description() {
    return describe<ReadingsUnplaced>("keel.charging.ReadingsUnplaced",
                                      field<1>("station", &ReadingsUnplaced::station),
                                      field<2>("connector", &ReadingsUnplaced::connector),
                                      field<3>("named", &ReadingsUnplaced::named),
                                      field<4>("session", &ReadingsUnplaced::session),
                                      field<5>("readings", &ReadingsUnplaced::readings));
  }
};

}  // namespace keel::charging
