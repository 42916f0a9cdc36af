// The bodies of charging's routes that are not the module's own requests and answers: what a person
// writes in another form than the module keeps it, and results with their outcome in words.
#pragma once

#include <string>

#include "base/describe/describe.hpp"
#include "modules/charging/queries.hpp"
#include "modules/charging/requests.hpp"
#include "servers/api/unsealer.hpp"

namespace keel::servers {

// How a command of charging ended. Any outcome but `done` has changed nothing.
struct ChargingResultBody {
  std::uint64_t position = 0;
  bool repeated = false;
  charging::OutcomeCode outcome{};
  static constexpr auto description() {
    return describe<ChargingResultBody>(
        "keel.api.ChargingResult",
        field<1>("position", &ChargingResultBody::position, doc("In the journal; durable.")),
        field<2>("repeated", &ChargingResultBody::repeated,
                 doc("The idempotency key had been answered before: this is the same answer.")),
        field<3>("outcome", &ChargingResultBody::outcome));
  }
};

struct TariffPublishedBody {
  ChargingResultBody result;
  charging::PublishTariff::Answer published;
  static constexpr auto description() {
    return describe<TariffPublishedBody>("keel.api.TariffPublished",
                                         field<1>("result", &TariffPublishedBody::result),
                                         field<2>("published", &TariffPublishedBody::published));
  }
};

struct SessionStoppedBody {
  ChargingResultBody result;
  charging::StopSession::Answer stopped;
  static constexpr auto description() {
    return describe<SessionStoppedBody>("keel.api.SessionStopped",
                                        field<1>("result", &SessionStoppedBody::result),
                                        field<2>("stopped", &SessionStoppedBody::stopped));
  }
};

// The secret as the station has it: of what is kept it cannot be made again.
struct StationBody {
  std::string station;
  std::string secret;
  std::uint16_t connectors = 0;
  charging::TariffId tariff;
  bool blocked = false;
  static constexpr auto description() {
    return describe<StationBody>("keel.api.Station",
                                 field<1>("station", &StationBody::station, required()),
                                 field<2>("secret", &StationBody::secret, keel::secret(),
                                          doc("20 to 40 printable characters, generated; only its "
                                              "SHA-256 is kept. Left out: as it was, or none.")),
                                 field<3>("connectors", &StationBody::connectors, required()),
                                 field<4>("tariff", &StationBody::tariff, required()),
                                 field<5>("blocked", &StationBody::blocked));
  }
};

// A meter's key as it is printed on it.
struct MeterKeyBody {
  std::string station;
  charging::ConnectorNumber connector;
  std::string key;
  static constexpr auto description() {
    return describe<MeterKeyBody>(
        "keel.api.MeterKey", field<1>("station", &MeterKeyBody::station, required()),
        field<2>("connector", &MeterKeyBody::connector,
                 doc("0: of every connector that has none of its own.")),
        field<3>("key", &MeterKeyBody::key,
                 doc("SubjectPublicKeyInfo in DER, as hexadecimal digits or base64. Empty: none "
                     "any more.")));
  }
};

struct DriverBody {
  charging::DriverId driver;
  std::string name;
  std::string email;
  uint128 account = 0;
  charging::Amount credit_limit = 0;
  bool blocked = false;
  std::uint16_t max_sessions = 0;
  static constexpr auto description() {
    return describe<DriverBody>(
        "keel.api.Driver", field<1>("driver", &DriverBody::driver, required()),
        field<2>("name", &DriverBody::name, personal("driver")),
        field<3>("email", &DriverBody::email, personal("driver")),
        field<4>("account", &DriverBody::account, doc("In the ledger; 0: one is opened.")),
        field<5>("credit_limit", &DriverBody::credit_limit, doc("Of an account that is opened.")),
        field<6>("blocked", &DriverBody::blocked),
        field<7>("max_sessions", &DriverBody::max_sessions, doc("At one time; 0: 1.")));
  }
};

struct DriverStateBody {
  charging::DriverId driver;
  bool forgotten = false;
  uint128 account = 0;
  bool blocked = false;
  std::uint16_t max_sessions = 0;
  std::uint32_t tokens = 0;
  std::uint32_t open_sessions = 0;
  std::string name;
  std::string email;
  PersonalState personal{};
  static constexpr auto description() {
    return describe<DriverStateBody>(
        "keel.api.DriverState", field<1>("driver", &DriverStateBody::driver),
        field<2>("forgotten", &DriverStateBody::forgotten),
        field<3>("account", &DriverStateBody::account),
        field<4>("blocked", &DriverStateBody::blocked),
        field<5>("max_sessions", &DriverStateBody::max_sessions),
        field<6>("tokens", &DriverStateBody::tokens),
        field<7>("open_sessions", &DriverStateBody::open_sessions),
        field<8>("name", &DriverStateBody::name, keel::personal("driver")),
        field<9>("email", &DriverStateBody::email, keel::personal("driver")),
        field<10>("personal", &DriverStateBody::personal));
  }
};

}  // namespace keel::servers
