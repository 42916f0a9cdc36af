// Tariffs, stations, drivers, tokens.
#include "kernel/described/personal_fields.hpp"
#include "kernel/errors.hpp"
#include "modules/charging/accounts.hpp"
#include "modules/charging/decide/commands.hpp"
#include "modules/charging/decide/ledger_calls.hpp"
#include "modules/charging/pricing/price.hpp"

namespace keel::charging {

Result<Outcome> decide(const Decision& d, const PublishTariff& asked) {
  KEEL_TRY(check_range("tariff", asked.tariff.value(), 1, UINT32_MAX));
  KEEL_TRY(check_terms(asked.terms));
  const SettingsRow* settings = d.settings();
  if (settings == nullptr) return outcome(OutcomeCode::not_configured);
  if (!std::ranges::equal(asked.terms.currency, settings->currency)) {
    return outcome(OutcomeCode::currency_differs);
  }
  PublishTariff::Answer answer{.tariff = asked.tariff, .version = TariffVersion(1)};
  if (const TariffRow* head = d.state.tariff(d.tenant(), asked.tariff, {})) {
    const TariffRow* newest = d.state.tariff(d.tenant(), asked.tariff, head->newest);
    answer.version = head->newest;
    if (terms_of(*newest) == asked.terms) {
      d.answer(answer);
      return outcome(OutcomeCode::done);
    }
    answer.version = TariffVersion(head->newest.value() + 1);
  }
  KEEL_TRY(room_in(d.state.tariffs, 2));
  d.emit(TariffPublished{.tariff = asked.tariff, .version = answer.version, .terms = asked.terms});
  d.answer(answer);
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const RegisterStation& asked) {
  KEEL_TRY(check_name("station", asked.station, kMaxStationId));
  KEEL_TRY(check_range("connectors", asked.connectors, 1, kMaxConnector));
  if (d.settings() == nullptr) return outcome(OutcomeCode::not_configured);
  if (d.state.tariff(d.tenant(), asked.tariff, {}) == nullptr) {
    return outcome(OutcomeCode::tariff_unknown);
  }
  const StationRow* before = d.state.station(d.tenant(), asked.station);
  if (before == nullptr) KEEL_TRY(room_in(d.state.stations));
  KEEL_TRY(room_in(d.state.connectors, asked.connectors + std::uint64_t{1}));
  StationRegistered event{.station = asked.station,
                          .secret = asked.secret,
                          .connectors = asked.connectors,
                          .tariff = asked.tariff,
                          .blocked = asked.blocked};
  if (before != nullptr && asked.secret == Digest{}) event.secret = before->secret;
  d.emit(event);
  return outcome(OutcomeCode::done);
}

namespace {

// The account that pays; zero: the ledger refused.
Result<uint128> driver_account(const Decision& d, const RegisterDriver& asked,
                               const DriverRow* before) {
  const std::uint32_t ledger = d.settings()->ledger;
  if (asked.account != 0) {
    const auto found = d.ledger.find_account(d.tenant(), ledger::AccountId(asked.account));
    return found && found->ledger.value() == ledger ? asked.account : uint128{0};
  }
  if (before != nullptr && before->account != 0) return before->account;
  const uint128 id = account_id(ledger, AccountRole::driver, asked.driver);
  const bool opened = KEEL_TRY(
      open_account(d, {.id = ledger::AccountId(id),
                       .credit_limit = asked.credit_limit,
                       .ledger = ledger::LedgerId(ledger),
                       .code = ledger::Code(static_cast<std::uint16_t>(AccountRole::driver)),
                       .flags = ledger::AccountFlag::debits_must_not_exceed_credits}));
  return opened ? id : uint128{0};
}

// Seals what was given; what was not stays as it was.
Result<> seal_or_keep(const Decision& d, DriverRegistered& event, const DriverRow* before) {
  const auto seal = [&](std::uint32_t field, Bytes& value, const SealedText& old) -> Result<> {
    if (value.empty()) {
      value.assign(old.view().begin(), old.view().end());
    } else {
      value = KEEL_TRY(d.tx.seal(event.driver, DriverRegistered::kEventType, field, value));
    }
    return success();
  };
  const DriverRow none;
  const DriverRow& old = before == nullptr ? none : *before;
  KEEL_TRY(seal(2, event.name, old.name));
  return seal(3, event.email, old.email);
}

}  // namespace

Result<Outcome> decide(const Decision& d, const RegisterDriver& asked) {
  if (asked.driver.is_zero()) return Error(kBadRequest, "driver: must not be zero");
  KEEL_TRY(check_text("name", as_text(asked.name), kMaxPersonalText));
  KEEL_TRY(check_text("email", as_text(asked.email), kMaxPersonalText));
  if (d.settings() == nullptr) return outcome(OutcomeCode::not_configured);
  const DriverRow* before = d.state.driver(d.tenant(), asked.driver);
  if (before != nullptr && before->forgotten != 0) return outcome(OutcomeCode::driver_forgotten);
  if (before == nullptr) KEEL_TRY(room_in(d.state.drivers));
  DriverRegistered event{.driver = asked.driver,
                         .name = asked.name,
                         .email = asked.email,
                         .account = KEEL_TRY(driver_account(d, asked, before)),
                         .blocked = asked.blocked,
                         .max_sessions = std::max<std::uint16_t>(asked.max_sessions, 1)};
  if (event.account == 0) return outcome(OutcomeCode::account_refused);
  KEEL_TRY(seal_or_keep(d, event, d.state.driver(d.tenant(), asked.driver)));
  d.emit(event);
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const RegisterToken& asked) {
  KEEL_TRY(check_name("token", asked.token, kMaxToken));
  if (!asked.group.empty()) KEEL_TRY(check_name("group", asked.group, kMaxToken));
  const SettingsRow* settings = d.settings();
  if (settings == nullptr) return outcome(OutcomeCode::not_configured);
  const DriverRow* driver = d.state.driver(d.tenant(), asked.driver);
  if (driver == nullptr) return outcome(OutcomeCode::driver_unknown);
  if (driver->forgotten != 0) return outcome(OutcomeCode::driver_forgotten);
  const Digest digest = token_digest(*settings, asked.token);
  const TokenRow* before = d.state.token(d.tenant(), digest);
  if (before != nullptr && before->driver != asked.driver) {
    return outcome(OutcomeCode::token_taken);
  }
  if (before == nullptr) KEEL_TRY(room_in(d.state.tokens));
  d.emit(TokenRegistered{.token = digest,
                         .driver = asked.driver,
                         .blocked = asked.blocked,
                         .expires_at = asked.expires_at,
                         .group = asked.group});
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const ForgetDriver& asked) {
  const DriverRow* driver = d.state.driver(d.tenant(), asked.driver);
  if (driver == nullptr) return outcome(OutcomeCode::driver_unknown);
  if (driver->forgotten == 0) d.emit(DriverForgotten{.driver = asked.driver});
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
