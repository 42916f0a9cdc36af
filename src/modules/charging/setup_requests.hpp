// Commands by which an operator sets charging up, and the outcomes of all commands of charging
// (requests.hpp has those of stations).
#pragma once

#include <string>

#include "base/hash/digest.hpp"
#include "modules/charging/tariff.hpp"

namespace keel::charging {

// How a command ended. Every one but `done` has changed nothing but that it was asked.
enum class OutcomeCode : std::uint16_t {
  done = 0,
  not_configured = 1,     // the tenant has not been set up: `configure` first
  station_unknown = 2,    // not registered
  station_blocked = 3,    // by the operator
  connector_unknown = 4,  // more than the station has
  tariff_unknown = 5,
  driver_unknown = 6,
  session_unknown = 7,
  session_over = 8,  // what was asked needs an open one
  call_unknown = 9,
  call_exists = 10,
  call_ended = 11,        // its end is known already
  currency_differs = 12,  // from that of the ledger
  settings_differ = 13,   // ledger and accounts are chosen once
  account_refused = 14,   // the ledger refused to open or use one of the accounts
  token_taken = 15,       // another driver has it
  driver_forgotten = 16,  // erased: for ever
};
constexpr auto description(std::type_identity<OutcomeCode>) {
  using enum OutcomeCode;
  return describe_enum<OutcomeCode>(
      "keel.charging.OutcomeCode", enumerator("done", done),
      enumerator("not_configured", not_configured), enumerator("station_unknown", station_unknown),
      enumerator("station_blocked", station_blocked),
      enumerator("connector_unknown", connector_unknown),
      enumerator("tariff_unknown", tariff_unknown), enumerator("driver_unknown", driver_unknown),
      enumerator("session_unknown", session_unknown), enumerator("session_over", session_over),
      enumerator("call_unknown", call_unknown), enumerator("call_exists", call_exists),
      enumerator("call_ended", call_ended), enumerator("currency_differs", currency_differs),
      enumerator("settings_differ", settings_differ),
      enumerator("account_refused", account_refused), enumerator("token_taken", token_taken),
      enumerator("driver_forgotten", driver_forgotten));
}

// How a tenant charges. Accounts that are zero get ids of their own (accounts.hpp) and are opened
// in the ledger; those that are named must be there.
struct Settings {
  std::uint32_t ledger = 0;  // opened when it is not there
  std::string currency;      // three capital letters of ISO 4217
  std::uint8_t exponent = 0;
  uint128 revenue_account = 0;
  uint128 tax_account = 0;
  uint128 clearing_account = 0;
  uint128 receivables_account = 0;
  Amount hold = 0;                      // reserved at the start of a session; 0: nothing
  std::uint32_t vanished_after_s = 0;   // without a word of a session: closed by policy; from 60
  std::uint32_t clock_error_s = 0;      // a station's clock may be this far ahead
  std::uint32_t offline_after_s = 0;    // a start this old was made offline
  std::uint32_t longest_offline_s = 0;  // an older time is not plausible
  std::uint32_t stop_kept_s = 0;        // a stop waits this long for its start
  std::uint32_t longest_session_s = 0;  // billed at most

  friend bool operator==(const Settings&, const Settings&) = default;
  static constexpr auto description() {
    return describe<Settings>(
        "keel.charging.Settings", field<1>("ledger", &Settings::ledger, required()),
        field<2>("currency", &Settings::currency, required()),
        field<3>("exponent", &Settings::exponent, required(), doc("Decimals of the currency.")),
        field<4>("revenue_account", &Settings::revenue_account, doc("0: one is opened.")),
        field<5>("tax_account", &Settings::tax_account),
        field<6>("clearing_account", &Settings::clearing_account),
        field<7>("receivables_account", &Settings::receivables_account),
        field<8>("hold", &Settings::hold, doc("Minor units reserved at a start; 0: nothing.")),
        field<9>("vanished_after_s", &Settings::vanished_after_s,
                 doc("Without a word of a session: closed by policy; 0: 86400.")),
        field<10>("clock_error_s", &Settings::clock_error_s,
                  doc("A station's clock may be this far ahead; 0: 300.")),
        field<11>("offline_after_s", &Settings::offline_after_s,
                  doc("A start this old was made offline; 0: 120.")),
        field<12>("longest_offline_s", &Settings::longest_offline_s,
                  doc("An older time is not plausible; 0: 2592000, 30 days.")),
        field<13>("stop_kept_s", &Settings::stop_kept_s,
                  doc("A stop waits this long for its start; 0: 604800, 7 days.")),
        field<14>("longest_session_s", &Settings::longest_session_s,
                  doc("Billed at most; 0: 604800, 7 days.")));
  }
};

struct Configure {
  static constexpr kernel::CommandType kType{kModule, 1};
  Settings settings;
  static constexpr auto description() {
    return describe<Configure>("keel.charging.Configure",
                               field<1>("settings", &Configure::settings));
  }
};

// A new version of a tariff. The same terms as the newest again: no new version.
struct PublishTariff {
  static constexpr kernel::CommandType kType{kModule, 2};
  struct Answer {
    TariffId tariff;
    TariffVersion version;
    static constexpr auto description() {
      return describe<Answer>("keel.charging.Published", field<1>("tariff", &Answer::tariff),
                              field<2>("version", &Answer::version));
    }
  };
  TariffId tariff;
  TariffTerms terms;
  static constexpr auto description() {
    return describe<PublishTariff>("keel.charging.PublishTariff",
                                   field<1>("tariff", &PublishTariff::tariff, required()),
                                   field<2>("terms", &PublishTariff::terms, required()));
  }
};

// Adds a station or changes it.
struct RegisterStation {
  static constexpr kernel::CommandType kType{kModule, 3};
  std::string station;  // 1 to kMaxStationId printable ASCII
  Digest secret{};      // SHA-256 of a generated secret of 160 bits; zeros: as it was, or none
  std::uint16_t connectors = 0;  // 1 to kMaxConnector
  TariffId tariff;
  bool blocked = false;
  static constexpr auto description() {
    return describe<RegisterStation>("keel.charging.RegisterStation",
                                     field<1>("station", &RegisterStation::station),
                                     field<2>("secret", &RegisterStation::secret),
                                     field<3>("connectors", &RegisterStation::connectors),
                                     field<4>("tariff", &RegisterStation::tariff),
                                     field<5>("blocked", &RegisterStation::blocked));
  }
};

// Adds a driver or changes one. Name and e-mail are sealed; what is not given (empty) is as it was.
struct RegisterDriver {
  static constexpr kernel::CommandType kType{kModule, 4};
  DriverId driver;
  Bytes name;   // UTF-8, kMaxPersonalText
  Bytes email;  // the same
  // The ledger account that pays. Zero: one is opened that may not go below zero (prepaid), or
  // below the credit limit.
  uint128 account = 0;
  Amount credit_limit = 0;  // of an account that is opened
  bool blocked = false;
  std::uint16_t max_sessions = 0;  // at one time; 0: 1
  static constexpr auto description() {
    return describe<RegisterDriver>("keel.charging.RegisterDriver",
                                    field<1>("driver", &RegisterDriver::driver),
                                    field<2>("name", &RegisterDriver::name, personal("driver")),
                                    field<3>("email", &RegisterDriver::email, personal("driver")),
                                    field<4>("account", &RegisterDriver::account),
                                    field<5>("credit_limit", &RegisterDriver::credit_limit),
                                    field<6>("blocked", &RegisterDriver::blocked),
                                    field<7>("max_sessions", &RegisterDriver::max_sessions));
  }
};

// Gives a token to a driver, or changes it.
struct RegisterToken {
  static constexpr kernel::CommandType kType{kModule, 5};
  std::string token;  // 1 to kMaxToken printable ASCII; upper and lower case are the same
  DriverId driver;
  bool blocked = false;
  Timestamp expires_at;  // zero: never
  std::string group;     // the parent token; empty: none
  static constexpr auto description() {
    return describe<RegisterToken>(
        "keel.charging.RegisterToken", field<1>("token", &RegisterToken::token),
        field<2>("driver", &RegisterToken::driver), field<3>("blocked", &RegisterToken::blocked),
        field<4>("expires_at", &RegisterToken::expires_at),
        field<5>("group", &RegisterToken::group));
  }
};

// The public key of a meter: what its signed values are checked by. An empty key takes it back.
struct RegisterMeterKey {
  static constexpr kernel::CommandType kType{kModule, 7};
  std::string station;
  ConnectorNumber connector;  // 0: of every connector that has none of its own
  Bytes key;                  // SubjectPublicKeyInfo in DER; kMaxMeterKey
  static constexpr auto description() {
    return describe<RegisterMeterKey>("keel.charging.RegisterMeterKey",
                                      field<1>("station", &RegisterMeterKey::station),
                                      field<2>("connector", &RegisterMeterKey::connector),
                                      field<3>("key", &RegisterMeterKey::key));
  }
};

// The driver's tokens are dropped and none is given again. The sealed values become unreadable by
// `keel erase`, which destroys their key; this is the part that the state remembers.
struct ForgetDriver {
  static constexpr kernel::CommandType kType{kModule, 6};
  DriverId driver;
  static constexpr auto description() {
    return describe<ForgetDriver>("keel.charging.ForgetDriver",
                                  field<1>("driver", &ForgetDriver::driver));
  }
};

}  // namespace keel::charging
