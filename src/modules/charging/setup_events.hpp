// The facts of charging that are not about sessions: set-up, stations, tokens, calls (events.hpp
// has sessions).
#pragma once

#include "modules/charging/requests.hpp"

namespace keel::charging {

struct Configured {
  static constexpr kernel::EventType kEventType{kModule, 1};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  Settings settings;   // with every account and every time filled in
  Digest token_key{};  // under which tokens are digested; of the first `configure`
  static constexpr auto description() {
    return describe<Configured>("keel.charging.Configured",
                                field<1>("settings", &Configured::settings),
                                field<2>("token_key", &Configured::token_key, keel::secret()));
  }
};

struct TariffPublished {
  static constexpr kernel::EventType kEventType{kModule, 2};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  TariffId tariff;
  TariffVersion version;
  TariffTerms terms;
  static constexpr auto description() {
    return describe<TariffPublished>(
        "keel.charging.TariffPublished", field<1>("tariff", &TariffPublished::tariff),
        field<2>("version", &TariffPublished::version), field<3>("terms", &TariffPublished::terms));
  }
};

struct StationRegistered {
  static constexpr kernel::EventType kEventType{kModule, 3};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  Digest secret{};
  std::uint16_t connectors = 0;
  TariffId tariff;
  bool blocked = false;
  static constexpr auto description() {
    return describe<StationRegistered>("keel.charging.StationRegistered",
                                       field<1>("station", &StationRegistered::station),
                                       field<2>("secret", &StationRegistered::secret),
                                       field<3>("connectors", &StationRegistered::connectors),
                                       field<4>("tariff", &StationRegistered::tariff),
                                       field<5>("blocked", &StationRegistered::blocked));
  }
};

struct DriverRegistered {
  static constexpr kernel::EventType kEventType{kModule, 4};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  DriverId driver;
  Bytes name;   // sealed
  Bytes email;  // sealed
  uint128 account = 0;
  bool blocked = false;
  std::uint16_t max_sessions = 0;
  static constexpr auto description() {
    return describe<DriverRegistered>(
        "keel.charging.DriverRegistered", field<1>("driver", &DriverRegistered::driver),
        field<2>("name", &DriverRegistered::name, personal("driver")),
        field<3>("email", &DriverRegistered::email, personal("driver")),
        field<4>("account", &DriverRegistered::account),
        field<5>("blocked", &DriverRegistered::blocked),
        field<6>("max_sessions", &DriverRegistered::max_sessions));
  }
};

struct TokenRegistered {
  static constexpr kernel::EventType kEventType{kModule, 5};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  Digest token{};
  DriverId driver;
  bool blocked = false;
  Timestamp expires_at;
  std::string group;
  static constexpr auto description() {
    return describe<TokenRegistered>("keel.charging.TokenRegistered",
                                     field<1>("token", &TokenRegistered::token),
                                     field<2>("driver", &TokenRegistered::driver),
                                     field<3>("blocked", &TokenRegistered::blocked),
                                     field<4>("expires_at", &TokenRegistered::expires_at),
                                     field<5>("group", &TokenRegistered::group));
  }
};

struct DriverForgotten {
  static constexpr kernel::EventType kEventType{kModule, 6};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  DriverId driver;
  static constexpr auto description() {
    return describe<DriverForgotten>("keel.charging.DriverForgotten",
                                     field<1>("driver", &DriverForgotten::driver));
  }
};

struct MeterKeyRegistered {
  static constexpr kernel::EventType kEventType{kModule, 7};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  ConnectorNumber connector;
  Bytes key;  // empty: none any more
  static constexpr auto description() {
    return describe<MeterKeyRegistered>("keel.charging.MeterKeyRegistered",
                                        field<1>("station", &MeterKeyRegistered::station),
                                        field<2>("connector", &MeterKeyRegistered::connector),
                                        field<3>("key", &MeterKeyRegistered::key));
  }
};

struct StationBooted {
  static constexpr kernel::EventType kEventType{kModule, 10};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  std::string vendor;
  std::string model;
  std::string serial_number;
  std::string firmware;
  Timestamp at;  // cell time
  static constexpr auto description() {
    return describe<StationBooted>(
        "keel.charging.StationBooted", field<1>("station", &StationBooted::station),
        field<2>("vendor", &StationBooted::vendor), field<3>("model", &StationBooted::model),
        field<4>("serial_number", &StationBooted::serial_number),
        field<5>("firmware", &StationBooted::firmware), field<6>("at", &StationBooted::at));
  }
};

struct StationsSeen {
  static constexpr kernel::EventType kEventType{kModule, 11};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::vector<SeenStations::Seen> stations;
  static constexpr auto description() {
    return describe<StationsSeen>("keel.charging.StationsSeen",
                                  field<1>("stations", &StationsSeen::stations));
  }
};

struct StatusReported {
  static constexpr kernel::EventType kEventType{kModule, 12};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  ConnectorNumber connector;
  ConnectorStatus status{};
  std::string error;
  std::string info;
  Timestamp station_time;
  Timestamp at;  // cell time
  static constexpr auto description() {
    return describe<StatusReported>(
        "keel.charging.StatusReported", field<1>("station", &StatusReported::station),
        field<2>("connector", &StatusReported::connector),
        field<3>("status", &StatusReported::status), field<4>("error", &StatusReported::error),
        field<5>("info", &StatusReported::info),
        field<6>("station_time", &StatusReported::station_time),
        field<7>("at", &StatusReported::at));
  }
};

struct TokenChecked {
  static constexpr kernel::EventType kEventType{kModule, 13};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  Digest token{};
  TokenStatus status{};
  static constexpr auto description() {
    return describe<TokenChecked>(
        "keel.charging.TokenChecked", field<1>("station", &TokenChecked::station),
        field<2>("token", &TokenChecked::token), field<3>("status", &TokenChecked::status));
  }
};

struct StationNoted {
  static constexpr kernel::EventType kEventType{kModule, 14};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string station;
  NoteKind kind{};
  std::string topic;
  std::string detail;
  Timestamp station_time;
  static constexpr auto description() {
    return describe<StationNoted>(
        "keel.charging.StationNoted", field<1>("station", &StationNoted::station),
        field<2>("kind", &StationNoted::kind), field<3>("topic", &StationNoted::topic),
        field<4>("detail", &StationNoted::detail),
        field<5>("station_time", &StationNoted::station_time));
  }
};

struct CallRequested {
  static constexpr kernel::EventType kEventType{kModule, 15};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  std::string station;
  std::string action;
  ConnectorNumber connector;
  SessionNumber session;
  Digest token{};  // zeros: none
  Timestamp requested_at;
  Timestamp deadline;
  CorrelationId correlation;
  static constexpr auto description() {
    return describe<CallRequested>(
        "keel.charging.CallRequested", field<1>("call", &CallRequested::call),
        field<2>("station", &CallRequested::station), field<3>("action", &CallRequested::action),
        field<4>("connector", &CallRequested::connector),
        field<5>("session", &CallRequested::session), field<6>("token", &CallRequested::token),
        field<7>("requested_at", &CallRequested::requested_at),
        field<8>("deadline", &CallRequested::deadline),
        field<9>("correlation", &CallRequested::correlation));
  }
};

struct CallEnded {
  static constexpr kernel::EventType kEventType{kModule, 16};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  CallResult result{};
  std::string detail;
  Timestamp at;
  static constexpr auto description() {
    return describe<CallEnded>("keel.charging.CallEnded", field<1>("call", &CallEnded::call),
                               field<2>("result", &CallEnded::result),
                               field<3>("detail", &CallEnded::detail),
                               field<4>("at", &CallEnded::at));
  }
};

// The call is a day past its end and leaves memory.
struct CallDropped {
  static constexpr kernel::EventType kEventType{kModule, 17};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  static constexpr auto description() {
    return describe<CallDropped>("keel.charging.CallDropped", field<1>("call", &CallDropped::call));
  }
};

}  // namespace keel::charging
