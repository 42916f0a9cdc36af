// Who may charge, and whether an account can bear it.
#include <algorithm>

#include "base/hash/hmac.hpp"
#include "modules/charging/decide/commands.hpp"

namespace keel::charging {

// Under the tenant's own key: the digest of a short token could be guessed otherwise.
Digest token_digest(const SettingsRow& settings, std::string_view token) {
  std::string lower(token);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return hmac_sha256(settings.token_key, as_bytes(lower));
}

bool can_hold(const Decision& d, uint128 account) {
  const Amount hold = d.settings()->hold;
  if (hold == 0) return true;
  const auto found = d.ledger.find_account(d.tenant(), ledger::AccountId(account));
  if (!found || found->flags.has(ledger::AccountFlag::closed)) return false;
  if (!found->flags.has(ledger::AccountFlag::debits_must_not_exceed_credits)) return true;
  const ledger::Balances& b = found->balances;
  const auto most = checked_add(b.credits_posted, found->credit_limit);
  const auto used = checked_add(b.debits_posted, b.debits_pending);
  const auto wanted = used ? checked_add(*used, uint128{hold}) : std::nullopt;
  return wanted && (!most || *wanted <= *most);
}

TokenCheck check_token(const Decision& d, std::string_view token, bool for_start) {
  TokenCheck check{.digest = token_digest(*d.settings(), token), .status = TokenStatus::invalid};
  const TokenRow* row = d.state.token(d.tenant(), check.digest);
  if (row == nullptr) return check;
  const DriverRow* driver = d.state.driver(d.tenant(), row->driver);
  KEEL_ASSERT(driver != nullptr);
  check.driver = row->driver;
  check.account = driver->account;
  check.expires_at = row->expires_at;
  check.group = row->group.str();
  check.status = TokenStatus::accepted;
  if (row->blocked != 0 || driver->blocked != 0 || driver->forgotten != 0) {
    check.status = TokenStatus::blocked;
  } else if (row->expires_at.ns != 0 && row->expires_at <= d.now()) {
    check.status = TokenStatus::expired;
  } else if (for_start && driver->open_sessions >= driver->max_sessions) {
    check.status = TokenStatus::concurrent;
  }
  return check;
}

Result<Outcome> decide(const Decision& d, const Authorize& asked) {
  KEEL_TRY(check_name("station", asked.station, kMaxStationId));
  KEEL_TRY(check_name("token", asked.token, kMaxToken));
  if (d.settings() == nullptr) return outcome(OutcomeCode::not_configured);
  const StationRow* station = d.state.station(d.tenant(), asked.station);
  if (station == nullptr) return outcome(OutcomeCode::station_unknown);
  if (station->blocked != 0) return outcome(OutcomeCode::station_blocked);
  TokenCheck check = check_token(d, asked.token, false);
  if (check.status == TokenStatus::accepted && !can_hold(d, check.account)) {
    check.status = TokenStatus::blocked;
  }
  d.emit(TokenChecked{.station = asked.station, .token = check.digest, .status = check.status});
  d.answer(Authorize::Answer{
      .status = check.status, .expires_at = check.expires_at, .group = check.group});
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
