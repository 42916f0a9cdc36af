// Queries of charging: a described struct asks, a described struct answers (as requests.hpp). What
// is not there is an answer with `found` false, not an error. Pages go on at `next` until it is
// empty or zero.
#pragma once

#include "modules/charging/events.hpp"

namespace keel::charging {

inline constexpr std::uint32_t kMaxPage = 500;  // rows; a limit of 0 means it

// For a server at the door: is this a station, and what is the digest of its secret?
struct StationCredentials {
  static constexpr kernel::QueryType kType{kModule, 1};
  struct Answer {
    bool found = false;
    bool blocked = false;
    bool has_secret = false;
    Digest secret{};  // SHA-256; compare in constant time
    std::uint16_t connectors = 0;
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Credentials", field<1>("found", &Answer::found),
                              field<2>("blocked", &Answer::blocked),
                              field<3>("has_secret", &Answer::has_secret),
                              field<4>("secret", &Answer::secret, keel::secret()),
                              field<5>("connectors", &Answer::connectors));
    }
  };
  std::string station;
  static constexpr auto description() {
    return describe<StationCredentials>("keel.charging.StationCredentials",
                                        field<1>("station", &StationCredentials::station));
  }
};

struct ConnectorState {
  ConnectorNumber connector;
  ConnectorStatus status{};
  Timestamp status_at;    // cell time; zero: never reported
  SessionNumber session;  // open there; zero: none
  std::string error;
  static constexpr auto description() {
    return describe<ConnectorState>(
        "keel.charging.ConnectorState", field<1>("connector", &ConnectorState::connector),
        field<2>("status", &ConnectorState::status),
        field<3>("status_at", &ConnectorState::status_at),
        field<4>("session", &ConnectorState::session), field<5>("error", &ConnectorState::error));
  }
};

struct StationState {
  std::string station;
  std::string vendor;
  std::string model;
  std::string serial_number;
  std::string firmware;
  TariffId tariff;
  bool blocked = false;
  bool has_secret = false;
  Timestamp booted_at;               // zero: never
  Timestamp seen_at;                 // zero: never
  std::int64_t clock_offset_ms = 0;  // the station's clock minus Keel's, when it last said a time
  std::string firmware_status;
  std::vector<ConnectorState> connectors;  // number 0, the station as a whole, first
  static constexpr auto description() {
    return describe<StationState>(
        "keel.charging.StationState", field<1>("station", &StationState::station),
        field<2>("vendor", &StationState::vendor), field<3>("model", &StationState::model),
        field<4>("serial_number", &StationState::serial_number),
        field<5>("firmware", &StationState::firmware), field<6>("tariff", &StationState::tariff),
        field<7>("blocked", &StationState::blocked),
        field<8>("has_secret", &StationState::has_secret),
        field<9>("booted_at", &StationState::booted_at),
        field<10>("seen_at", &StationState::seen_at),
        field<11>("clock_offset_ms", &StationState::clock_offset_ms),
        field<12>("firmware_status", &StationState::firmware_status),
        field<13>("connectors", &StationState::connectors));
  }
};

// Stations in the order of their names, after the one given (empty: from the first); with `only`,
// that one.
struct ListStations {
  static constexpr kernel::QueryType kType{kModule, 2};
  struct Answer {
    std::vector<StationState> stations;
    std::string next;  // ListStations::after of the next page; empty: this was the last
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Stations", field<1>("stations", &Answer::stations),
                              field<2>("next", &Answer::next));
    }
  };
  std::string after;
  std::string only;
  std::uint32_t limit = 0;
  static constexpr auto description() {
    return describe<ListStations>(
        "keel.charging.ListStations", field<1>("after", &ListStations::after),
        field<2>("only", &ListStations::only), field<3>("limit", &ListStations::limit));
  }
};

// A session as it stands; of one that is closed, its newest bill without the tariff's terms.
struct SessionView {
  SessionNumber session;
  SessionState state{};
  std::string station;
  ConnectorNumber connector;
  DriverId driver;
  TokenStatus token_status{};
  TariffId tariff;
  TariffVersion tariff_version;
  Timestamp started_at;
  Timestamp stopped_at;  // zero: open
  std::uint64_t start_register_wh = 0;
  std::uint64_t register_wh = 0;  // the last that counts
  StopReason reason{};
  Usage usage;
  std::vector<PriceLine> lines;  // of an open one: as it would be closed now
  Amount net = 0;
  Amount tax = 0;
  Amount total = 0;
  Amount held = 0;
  std::uint32_t version = 0;  // of the bill; zero: not closed
  SessionFlags flags;
  CorrelationId correlation;
  // None: nothing was signed. Records: of a session that is asked for alone and is not yet history.
  std::optional<SignedValues> signed_values;
  static constexpr auto description() {
    using S = SessionView;
    return describe<S>(
        "keel.charging.SessionView", field<1>("session", &S::session), field<2>("state", &S::state),
        field<3>("station", &S::station), field<4>("connector", &S::connector),
        field<5>("driver", &S::driver), field<6>("token_status", &S::token_status),
        field<7>("tariff", &S::tariff), field<8>("tariff_version", &S::tariff_version),
        field<9>("started_at", &S::started_at), field<10>("stopped_at", &S::stopped_at),
        field<11>("start_register_wh", &S::start_register_wh),
        field<12>("register_wh", &S::register_wh), field<13>("reason", &S::reason),
        field<14>("usage", &S::usage), field<15>("lines", &S::lines), field<16>("net", &S::net),
        field<17>("tax", &S::tax), field<18>("total", &S::total), field<19>("held", &S::held),
        field<20>("version", &S::version), field<21>("flags", &S::flags),
        field<22>("correlation", &S::correlation), field<23>("signed_values", &S::signed_values));
  }
};

// Sessions in the order of their numbers, after the one given; with `only`, that one.
struct ListSessions {
  static constexpr kernel::QueryType kType{kModule, 3};
  struct Answer {
    std::vector<SessionView> sessions;
    SessionNumber next;  // zero: this was the last
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Sessions", field<1>("sessions", &Answer::sessions),
                              field<2>("next", &Answer::next));
    }
  };
  SessionNumber after;
  SessionNumber only;
  bool open_only = false;
  std::string station;  // empty: of all
  std::uint32_t limit = 0;
  static constexpr auto description() {
    return describe<ListSessions>(
        "keel.charging.ListSessions", field<1>("after", &ListSessions::after),
        field<2>("only", &ListSessions::only), field<3>("open_only", &ListSessions::open_only),
        field<4>("station", &ListSessions::station), field<5>("limit", &ListSessions::limit));
  }
};

// A tariff: the newest version, or the one named.
struct GetTariff {
  static constexpr kernel::QueryType kType{kModule, 4};
  struct Answer {
    TariffId tariff;
    TariffVersion version;  // zero: there is none
    TariffTerms terms;
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Tariff", field<1>("tariff", &Answer::tariff),
                              field<2>("version", &Answer::version),
                              field<3>("terms", &Answer::terms));
    }
  };
  TariffId tariff;
  TariffVersion version;
  static constexpr auto description() {
    return describe<GetTariff>("keel.charging.GetTariff", field<1>("tariff", &GetTariff::tariff),
                               field<2>("version", &GetTariff::version));
  }
};

// A driver; name and e-mail sealed, as DriverRegistered has them: the edge opens them.
struct GetDriver {
  static constexpr kernel::QueryType kType{kModule, 5};
  struct Answer {
    bool found = false;
    bool forgotten = false;
    DriverRegistered driver;
    std::uint32_t tokens = 0;
    std::uint32_t open_sessions = 0;
    static constexpr auto description() {
      return describe<Answer>(
          "keel.charging.Driver", field<1>("found", &Answer::found),
          field<2>("forgotten", &Answer::forgotten), field<3>("driver", &Answer::driver),
          field<4>("tokens", &Answer::tokens), field<5>("open_sessions", &Answer::open_sessions));
    }
  };
  DriverId driver;
  static constexpr auto description() {
    return describe<GetDriver>("keel.charging.GetDriver", field<1>("driver", &GetDriver::driver));
  }
};

struct GetSettings {
  static constexpr kernel::QueryType kType{kModule, 6};
  struct Answer {
    bool found = false;
    Settings settings;
    std::uint64_t sessions = 0;       // numbers given so far
    std::uint64_t open_sessions = 0;  // of all tenants
    std::uint64_t kept_stops = 0;     // the same
    static constexpr auto description() {
      return describe<Answer>("keel.charging.SettingsState", field<1>("found", &Answer::found),
                              field<2>("settings", &Answer::settings),
                              field<3>("sessions", &Answer::sessions),
                              field<4>("open_sessions", &Answer::open_sessions),
                              field<5>("kept_stops", &Answer::kept_stops));
    }
  };
  std::uint32_t reserved = 0;
  static constexpr auto description() {
    return describe<GetSettings>("keel.charging.GetSettings",
                                 field<1>("reserved", &GetSettings::reserved));
  }
};

// The keys of a station's meters that are registered.
struct MeterKeys {
  static constexpr kernel::QueryType kType{kModule, 8};
  struct Key {
    ConnectorNumber connector;  // 0: of every connector that has none of its own
    Bytes key;                  // SubjectPublicKeyInfo in DER
    static constexpr auto description() {
      return describe<Key>("keel.charging.MeterKey", field<1>("connector", &Key::connector),
                           field<2>("key", &Key::key));
    }
  };
  struct Answer {
    bool found = false;  // the station
    std::vector<Key> keys;
    static constexpr auto description() {
      return describe<Answer>("keel.charging.MeterKeysOfStation", field<1>("found", &Answer::found),
                              field<2>("keys", &Answer::keys));
    }
  };
  std::string station;
  static constexpr auto description() {
    return describe<MeterKeys>("keel.charging.MeterKeys", field<1>("station", &MeterKeys::station));
  }
};

struct GetCall {
  static constexpr kernel::QueryType kType{kModule, 7};
  struct Answer {
    bool found = false;  // false as well a day after its end
    CallResult result{};
    std::string station;
    std::string action;
    Timestamp requested_at;
    Timestamp deadline;
    Timestamp ended_at;
    static constexpr auto description() {
      return describe<Answer>(
          "keel.charging.Call", field<1>("found", &Answer::found),
          field<2>("result", &Answer::result), field<3>("station", &Answer::station),
          field<4>("action", &Answer::action), field<5>("requested_at", &Answer::requested_at),
          field<6>("deadline", &Answer::deadline), field<7>("ended_at", &Answer::ended_at));
    }
  };
  CallId call;
  static constexpr auto description() {
    return describe<GetCall>("keel.charging.GetCall", field<1>("call", &GetCall::call));
  }
};

}  // namespace keel::charging
