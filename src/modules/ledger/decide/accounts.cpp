#include <bit>

#include "modules/ledger/decide/decisions.hpp"
#include "modules/ledger/errors.hpp"

namespace keel::ledger {
namespace {

constexpr AccountFlags kCaps = AccountFlags(AccountFlag::debits_must_not_exceed_credits) |
                               AccountFlag::credits_must_not_exceed_debits;

// --- create_accounts: the steps in the order of precedence ---

AccountCode check_row(const AccountSpec& spec) {
  if ((spec.flags.bits() & ~kKnownAccountFlags) != 0) return AccountCode::reserved_flag;
  if (spec.reserved != decltype(spec.reserved){}) return AccountCode::reserved_field;
  return spec.id.is_zero() ? AccountCode::id_must_not_be_zero : AccountCode::created;
}

// What changes in an account's life is not compared: the credit limit, and whether it is closed.
AccountCode judge_repeat(const AccountSpec& spec, const Account& stored) {
  using enum AccountCode;
  constexpr std::uint16_t kLasting = kKnownAccountFlags & ~AccountFlags(AccountFlag::closed).bits();
  if (((spec.flags.bits() ^ stored.flags.bits()) & kLasting) != 0) {
    return exists_with_different_flags;
  }
  if (spec.user_data_128 != stored.user_data_128) return exists_with_different_user_data_128;
  if (spec.user_data_64 != stored.user_data_64) return exists_with_different_user_data_64;
  if (spec.user_data_32 != stored.user_data_32) return exists_with_different_user_data_32;
  if (spec.ledger != stored.ledger) return exists_with_different_ledger;
  if (spec.code != stored.code) return exists_with_different_code;
  if (spec.flags.has(AccountFlag::imported) && spec.timestamp != stored.timestamp) {
    return exists_with_different_timestamp;
  }
  return exists;
}

AccountCode check_terms(const AccountSpec& spec, Timestamp now) {
  using enum AccountCode;
  const int caps = std::popcount(static_cast<std::uint16_t>(spec.flags.bits() & kCaps.bits()));
  if (caps == 2) return flags_are_mutually_exclusive;
  if (spec.credit_limit != 0 && caps == 0) return credit_limit_without_cap;
  if (!spec.flags.has(AccountFlag::imported)) {
    if (spec.timestamp.ns != 0) return timestamp_must_be_zero;
  } else if (spec.timestamp.ns <= 0) {
    return imported_timestamp_out_of_range;
  } else if (spec.timestamp >= now) {
    return imported_timestamp_must_not_advance;
  }
  if (spec.ledger.is_zero()) return ledger_must_not_be_zero;
  return spec.code.is_zero() ? code_must_not_be_zero : created;
}

AccountCode check_ledger(const AccountSpec& spec, const LedgerRow* ledger) {
  if (ledger == nullptr) return AccountCode::ledger_not_found;
  if (spec.flags.has(AccountFlag::imported) && spec.timestamp <= ledger->last_account) {
    return AccountCode::imported_timestamp_must_not_regress;
  }
  return AccountCode::created;
}

AccountCode judge(const Decision& decision, const AccountSpec& spec, const AccountRow* existing) {
  AccountCode code = check_row(spec);
  if (code != AccountCode::created) return code;
  if (existing != nullptr) return judge_repeat(spec, existing->account);
  code = check_terms(spec, decision.context.now);
  if (code != AccountCode::created) return code;
  return check_ledger(spec, decision.state.find(decision.tenant(), spec.ledger));
}

struct AccountDecider {
  const Decision& decision;

  static bool is_linked(const AccountSpec& row) { return row.flags.has(AccountFlag::linked); }

  void look_ahead(const AccountSpec& row) const {
    decision.state.prefetch(decision.state.accounts, decision.tenant(), row.id);
  }

  TransferResultWithBalances decide(const AccountSpec& row, std::uint32_t index) const {
    const AccountRow* existing = decision.state.find(decision.tenant(), row.id);
    const AccountCode code = judge(decision, row, existing);
    RowResult result{.index = index, .code = static_cast<std::uint32_t>(code)};
    if (code == AccountCode::exists) result.timestamp = existing->account.timestamp;
    if (code == AccountCode::created) {
      AccountSpec fact = row;
      if (!row.flags.has(AccountFlag::imported)) fact.timestamp = decision.tx.next_timestamp();
      decision.tx.emit(AccountCreated{fact});
      result.timestamp = fact.timestamp;
    }
    return {.result = result};
  }

  void refused(const AccountSpec&, const RowResult&) const {}
};

// --- set_credit_limits ---

struct LimitDecider {
  const Decision& decision;

  static bool is_linked(const CreditLimit&) { return false; }

  void look_ahead(const CreditLimit& row) const {
    decision.state.prefetch(decision.state.accounts, decision.tenant(), row.account);
  }

  LimitCode judge(const CreditLimit& row) const {
    if (row.account.is_zero()) return LimitCode::account_must_not_be_zero;
    const AccountRow* account = decision.state.find(decision.tenant(), row.account);
    if (account == nullptr) return LimitCode::account_not_found;
    const bool capped = (account->account.flags.bits() & kCaps.bits()) != 0;
    return capped ? LimitCode::set : LimitCode::credit_limit_without_cap;
  }

  TransferResultWithBalances decide(const CreditLimit& row, std::uint32_t index) const {
    const LimitCode code = judge(row);
    RowResult result{.index = index, .code = static_cast<std::uint32_t>(code)};
    if (code == LimitCode::set) {
      result.timestamp = decision.tx.next_timestamp();
      result.amount = row.limit;
      decision.tx.emit(CreditLimitSet{
          .account = row.account, .credit_limit = row.limit, .timestamp = result.timestamp});
    }
    return {.result = result};
  }

  void refused(const CreditLimit&, const RowResult&) const {}
};

}  // namespace

Result<> create_accounts(const Decision& decision, ByteView payload) {
  const auto [options, rows] = KEEL_TRY(read_batch<AccountSpec>(payload));
  const auto& accounts = decision.state.accounts;
  if (accounts.rows() + rows.size() > accounts.max_rows()) {
    return Error(kAccountsFull, std::to_string(accounts.rows()) + " of " +
                                    std::to_string(accounts.max_rows()) + " accounts are kept; " +
                                    std::to_string(rows.size()) + " more do not fit");
  }
  decide_rows(decision.tx, rows, reply_rows(decision.tx, rows.size(), sizeof(RowResult)),
              AccountDecider{decision});
  return success();
}

Result<> set_credit_limits(const Decision& decision, ByteView payload) {
  const auto [options, rows] = KEEL_TRY(read_batch<CreditLimit>(payload));
  decide_rows(decision.tx, rows, reply_rows(decision.tx, rows.size(), sizeof(RowResult)),
              LimitDecider{decision});
  return success();
}

}  // namespace keel::ledger
