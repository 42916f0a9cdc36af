// Commands of charging and their answers: described structs, whose payloads are keel::encode() and
// keel::decode() of base/describe. Each names its command type. Set-up: requests of an operator;
// the others are what stations, meters and terminals say, in no protocol's words.
//
//   Bytes payload;
//   encode(StartSession{.station = "CP-1", …}, payload);   // command.type = StartSession::kType
//   … answer.outcome.code is an OutcomeCode, decode<StartSession::Answer>(answer.payload)
//
// Idempotent by what they say, beside the command's id: the same start, reading or stop again
// changes nothing and gets the same answer. `time` is the station's own clock, which may be wrong;
// one that lost it may say 1970.
#pragma once

#include <vector>

#include "modules/charging/setup_requests.hpp"

namespace keel::charging {

// No answer but the outcome.
struct Nothing {};

struct BootStation {
  static constexpr kernel::CommandType kType{kModule, 10};
  using Answer = Nothing;
  std::string station;
  std::string vendor;  // kMaxShortText, as all texts where nothing else stands
  std::string model;
  std::string serial_number;
  std::string firmware;
  static constexpr auto description() {
    return describe<BootStation>(
        "keel.charging.BootStation", field<1>("station", &BootStation::station),
        field<2>("vendor", &BootStation::vendor), field<3>("model", &BootStation::model),
        field<4>("serial_number", &BootStation::serial_number),
        field<5>("firmware", &BootStation::firmware));
  }
};

// Stations that were heard of. A server keeps heartbeats to itself and sends one of these now and
// then for many (Settings::seen_every_s): unknown ones and older times are passed over.
struct SeenStations {
  static constexpr kernel::CommandType kType{kModule, 11};
  static constexpr std::size_t kMost = 1024;
  using Answer = Nothing;
  struct Seen {
    std::string station;
    Timestamp at;  // of Keel's clock
    static constexpr auto description() {
      return describe<Seen>("keel.charging.Seen", field<1>("station", &Seen::station),
                            field<2>("at", &Seen::at));
    }
  };
  std::vector<Seen> stations;  // kMost
  static constexpr auto description() {
    return describe<SeenStations>("keel.charging.SeenStations",
                                  field<1>("stations", &SeenStations::stations));
  }
};

struct ReportStatus {
  static constexpr kernel::CommandType kType{kModule, 12};
  using Answer = Nothing;
  std::string station;
  ConnectorNumber connector;
  ConnectorStatus status{};
  std::string error;  // empty: none
  std::string info;
  Timestamp time;  // zero: it did not say
  static constexpr auto description() {
    return describe<ReportStatus>(
        "keel.charging.ReportStatus", field<1>("station", &ReportStatus::station),
        field<2>("connector", &ReportStatus::connector), field<3>("status", &ReportStatus::status),
        field<4>("error", &ReportStatus::error), field<5>("info", &ReportStatus::info),
        field<6>("time", &ReportStatus::time));
  }
};

// May this token charge here? Changes nothing but that it was asked.
struct Authorize {
  static constexpr kernel::CommandType kType{kModule, 13};
  struct Answer {
    TokenStatus status{};
    Timestamp expires_at;  // of the token; zero: never
    std::string group;     // the parent token, as it was given; empty: none
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Authorization", field<1>("status", &Answer::status),
                              field<2>("expires_at", &Answer::expires_at),
                              field<3>("group", &Answer::group));
    }
  };
  std::string station;
  std::string token;
  static constexpr auto description() {
    return describe<Authorize>("keel.charging.Authorize", field<1>("station", &Authorize::station),
                               field<2>("token", &Authorize::token));
  }
};

// A session begins, or began while nobody could be told (`offline`, or by the age of `time`).
struct StartSession {
  static constexpr kernel::CommandType kType{kModule, 14};
  struct Answer {
    // Given whatever the status is: the station may go on. Zero: the outcome is a refusal.
    SessionNumber session;
    TokenStatus status{};
    Timestamp expires_at;
    std::string group;
    bool repeated = false;  // this start was known
    static constexpr auto description() {
      return describe<Answer>(
          "keel.charging.Started", field<1>("session", &Answer::session),
          field<2>("status", &Answer::status), field<3>("expires_at", &Answer::expires_at),
          field<4>("group", &Answer::group), field<5>("repeated", &Answer::repeated));
    }
  };
  std::string station;
  ConnectorNumber connector;  // not 0
  std::string token;
  std::uint64_t register_wh = 0;
  Timestamp time;
  bool offline = false;  // the station says so
  CallId call;           // the remote start that asked for it; zero: none is known
  static constexpr auto description() {
    return describe<StartSession>(
        "keel.charging.StartSession", field<1>("station", &StartSession::station),
        field<2>("connector", &StartSession::connector), field<3>("token", &StartSession::token),
        field<4>("register_wh", &StartSession::register_wh), field<5>("time", &StartSession::time),
        field<6>("offline", &StartSession::offline), field<7>("call", &StartSession::call));
  }
};

// What a meter showed at a moment.
struct Reading {
  Timestamp time;
  std::optional<std::uint64_t> register_wh;  // imported energy, cumulative; none: kept, not billed
  std::optional<std::int64_t> power_w;
  std::optional<std::uint32_t> charge_percent;  // of the vehicle
  Bytes signed_value;                           // a record of OCMF, or what came; kMaxSignedReading
  SignatureCheck signature{};                   // what the server found out of it
  Bytes meter_key;  // by which it holds, or that came with it: SubjectPublicKeyInfo, kMaxMeterKey
  // The meter's register as the record says; none: it says none, or not in Wh or kWh.
  std::optional<std::uint64_t> signed_wh;

  friend bool operator==(const Reading&, const Reading&) = default;
  static constexpr auto description() {
    return describe<Reading>(
        "keel.charging.Reading", field<1>("time", &Reading::time),
        field<2>("register_wh", &Reading::register_wh), field<3>("power_w", &Reading::power_w),
        field<4>("charge_percent", &Reading::charge_percent),
        field<5>("signed_value", &Reading::signed_value),
        field<6>("signature", &Reading::signature), field<7>("meter_key", &Reading::meter_key),
        field<8>("signed_wh", &Reading::signed_wh));
  }
};

// Readings of a session. Zero as session: of the one that is open at the connector, if there is
// one; else they are passed over (outcome session_unknown).
struct RecordReadings {
  static constexpr kernel::CommandType kType{kModule, 15};
  using Answer = Nothing;
  std::string station;
  ConnectorNumber connector;
  SessionNumber session;
  std::vector<Reading> readings;  // kMaxReadings
  static constexpr auto description() {
    return describe<RecordReadings>("keel.charging.RecordReadings",
                                    field<1>("station", &RecordReadings::station),
                                    field<2>("connector", &RecordReadings::connector),
                                    field<3>("session", &RecordReadings::session),
                                    field<4>("readings", &RecordReadings::readings));
  }
};

// A session ended. `session` may be one that nobody knows (zero: the station does not know it
// either): then it is matched with the only open session of the station that fits, or kept until a
// start comes that fits.
struct StopSession {
  static constexpr kernel::CommandType kType{kModule, 16};
  struct Answer {
    SessionNumber session;              // zero: kept, its start has not come
    TokenStatus status{};               // of `token`; accepted when it is empty
    Amount total = 0;                   // of a session that is closed
    std::uint32_t receipt_version = 0;  // zero: not closed yet
    bool repeated = false;
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Stopped", field<1>("session", &Answer::session),
                              field<2>("status", &Answer::status),
                              field<3>("total", &Answer::total),
                              field<4>("receipt_version", &Answer::receipt_version),
                              field<5>("repeated", &Answer::repeated));
    }
  };
  std::string station;
  SessionNumber session;
  std::string token;  // who stopped it; empty: not said
  std::uint64_t register_wh = 0;
  Timestamp time;
  StopReason reason{};
  std::vector<Reading> readings;  // what the station kept of the session; kMaxReadings
  static constexpr auto description() {
    return describe<StopSession>(
        "keel.charging.StopSession", field<1>("station", &StopSession::station),
        field<2>("session", &StopSession::session), field<3>("token", &StopSession::token),
        field<4>("register_wh", &StopSession::register_wh), field<5>("time", &StopSession::time),
        field<6>("reason", &StopSession::reason), field<7>("readings", &StopSession::readings));
  }
};

// An operator ends a session whose station does not.
struct CloseSession {
  static constexpr kernel::CommandType kType{kModule, 17};
  using Answer = StopSession::Answer;
  SessionNumber session;
  static constexpr auto description() {
    return describe<CloseSession>("keel.charging.CloseSession",
                                  field<1>("session", &CloseSession::session));
  }
};

// Firmware, diagnostics, logs, security, vendors' own data.
struct NoteStation {
  static constexpr kernel::CommandType kType{kModule, 18};
  using Answer = Nothing;
  std::string station;
  NoteKind kind{};
  std::string topic;   // the status, the security event's type, or vendor and message id
  std::string detail;  // kMaxNote
  Timestamp time;      // zero: it did not say
  static constexpr auto description() {
    return describe<NoteStation>(
        "keel.charging.NoteStation", field<1>("station", &NoteStation::station),
        field<2>("kind", &NoteStation::kind), field<3>("topic", &NoteStation::topic),
        field<4>("detail", &NoteStation::detail), field<5>("time", &NoteStation::time));
  }
};

// A call to a station is on its way; recorded before it is sent. When no end is recorded by the
// deadline, time records `timed_out`.
struct RequestCall {
  static constexpr kernel::CommandType kType{kModule, 19};
  using Answer = Nothing;
  CallId call;
  std::string station;
  std::string action;  // "remote_start", "remote_stop", "unlock", "reset" … as the server calls it
  ConnectorNumber connector;
  SessionNumber session;        // what it is about; zero: none
  std::string token;            // of a remote start; empty: none
  std::uint32_t timeout_s = 0;  // 1 to 86'400
  static constexpr auto description() {
    return describe<RequestCall>(
        "keel.charging.RequestCall", field<1>("call", &RequestCall::call),
        field<2>("station", &RequestCall::station), field<3>("action", &RequestCall::action),
        field<4>("connector", &RequestCall::connector), field<5>("session", &RequestCall::session),
        field<6>("token", &RequestCall::token), field<7>("timeout_s", &RequestCall::timeout_s));
  }
};

struct EndCall {
  static constexpr kernel::CommandType kType{kModule, 20};
  using Answer = Nothing;
  CallId call;
  CallResult result{};  // accepted, rejected, failed, not_sent
  std::string detail;   // kMaxNote
  static constexpr auto description() {
    return describe<EndCall>("keel.charging.EndCall", field<1>("call", &EndCall::call),
                             field<2>("result", &EndCall::result),
                             field<3>("detail", &EndCall::detail));
  }
};

}  // namespace keel::charging
