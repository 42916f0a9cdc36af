// Setting a tenant up: its ledger, its accounts, its policies.
#include "modules/charging/accounts.hpp"
#include "modules/charging/decide/commands.hpp"
#include "modules/charging/decide/ledger_calls.hpp"

namespace keel::charging {
namespace {

constexpr std::uint32_t kDay = 86'400;

// A value between bounds; zero means the usual one.
struct Policy {
  std::string_view name;
  std::uint32_t Settings::* field;
  std::uint32_t usual;
  std::uint32_t least;
  std::uint32_t most;
};
constexpr std::array kPolicies{
    Policy{"vanished_after_s", &Settings::vanished_after_s, kDay, 60, 31 * kDay},
    Policy{"clock_error_s", &Settings::clock_error_s, 300, 1, kDay},
    Policy{"offline_after_s", &Settings::offline_after_s, 120, 1, kDay},
    Policy{"longest_offline_s", &Settings::longest_offline_s, 30 * kDay, 60, 366 * kDay},
    Policy{"stop_kept_s", &Settings::stop_kept_s, 7 * kDay, 60, 366 * kDay},
    Policy{"longest_session_s", &Settings::longest_session_s, 7 * kDay, 60, 31 * kDay},
};

Result<Settings> with_policies(Settings settings) {
  for (const Policy& policy : kPolicies) {
    std::uint32_t& value = settings.*policy.field;
    if (value == 0) value = policy.usual;
    KEEL_TRY(check_range(policy.name, value, policy.least, policy.most));
  }
  KEEL_TRY(check_range("ledger", settings.ledger, 1, UINT32_MAX));
  KEEL_TRY(check_name("currency", settings.currency, 3));
  KEEL_TRY(check_range("hold", settings.hold, 0, INT64_MAX));
  return settings;
}

struct Account {
  uint128 Settings::* field;
  uint128 SettingsRow::* row;
  AccountRole role;
};
constexpr std::array kAccounts{
    Account{&Settings::revenue_account, &SettingsRow::revenue_account, AccountRole::revenue},
    Account{&Settings::tax_account, &SettingsRow::tax_account, AccountRole::tax},
    Account{&Settings::clearing_account, &SettingsRow::clearing_account, AccountRole::clearing},
    Account{&Settings::receivables_account, &SettingsRow::receivables_account,
            AccountRole::receivables},
};

// Ledger and accounts are chosen once; what is not said stays.
bool keeps_accounts(Settings& settings, const SettingsRow& before) {
  bool same = settings.ledger == before.ledger && settings.exponent == before.exponent &&
              std::ranges::equal(settings.currency, before.currency);
  for (const Account& account : kAccounts) {
    uint128& id = settings.*account.field;
    if (id == 0) id = before.*account.row;
    same = same && id == before.*account.row;
  }
  return same;
}

// Opens the ledger and the accounts that are not there. False: the ledger refused.
Result<bool> open_accounts(const Decision& d, Settings& settings) {
  for (const Account& account : kAccounts) {
    uint128& id = settings.*account.field;
    if (id != 0) {
      const auto found = d.ledger.find_account(d.tenant(), ledger::AccountId(id));
      if (!found || found->ledger.value() != settings.ledger) return false;
      continue;
    }
    id = account_id(settings.ledger, account.role);
    const bool opened =
        KEEL_TRY(open_account(d, {.id = ledger::AccountId(id),
                                  .ledger = ledger::LedgerId(settings.ledger),
                                  .code = ledger::Code(static_cast<std::uint16_t>(account.role))}));
    if (!opened) return false;
  }
  return true;
}

}  // namespace

Result<Outcome> decide(const Decision& d, const Configure& asked) {
  Settings settings = KEEL_TRY(with_policies(asked.settings));
  const SettingsRow* before = d.settings();
  Configured event{.token_key = before == nullptr ? Digest{} : before->token_key};
  if (before != nullptr) {
    if (!keeps_accounts(settings, *before)) return outcome(OutcomeCode::settings_differ);
  } else {
    KEEL_TRY(room_in(d.state.settings));
    const auto mark = d.tx.mark();
    event.token_key = d.context.entropy;
    if (!KEEL_TRY(open_ledger(d, settings))) return outcome(OutcomeCode::currency_differs);
    if (!KEEL_TRY(open_accounts(d, settings))) {
      d.tx.rollback_to(mark);
      return outcome(OutcomeCode::account_refused);
    }
  }
  event.settings = settings;
  d.emit(event);
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
