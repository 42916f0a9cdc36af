// The ledger's requests and answers as JSON bodies, and their exchange with the packed records of
// the module. Names here are the API's, for ever; docs/api.md shows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "modules/ledger/codes.hpp"
#include "modules/ledger/requests.hpp"
#include "modules/ledger/types.hpp"

namespace keel::ledger {

constexpr auto description(std::type_identity<AccountFlag>) {
  return describe_enum<AccountFlag>(
      "keel.ledger.AccountFlag", enumerator("linked", AccountFlag::linked),
      enumerator("debits_must_not_exceed_credits", AccountFlag::debits_must_not_exceed_credits),
      enumerator("credits_must_not_exceed_debits", AccountFlag::credits_must_not_exceed_debits),
      enumerator("history", AccountFlag::history), enumerator("imported", AccountFlag::imported),
      enumerator("closed", AccountFlag::closed));
}

constexpr auto description(std::type_identity<TransferFlag>) {
  return describe_enum<TransferFlag>("keel.ledger.TransferFlag",
                                     enumerator("linked", TransferFlag::linked),
                                     enumerator("pending", TransferFlag::pending),
                                     enumerator("post_pending", TransferFlag::post_pending),
                                     enumerator("void_pending", TransferFlag::void_pending),
                                     enumerator("balancing_debit", TransferFlag::balancing_debit),
                                     enumerator("balancing_credit", TransferFlag::balancing_credit),
                                     enumerator("closing_debit", TransferFlag::closing_debit),
                                     enumerator("closing_credit", TransferFlag::closing_credit),
                                     enumerator("imported", TransferFlag::imported));
}

}  // namespace keel::ledger

namespace keel::servers {

struct LedgerBody {
  ledger::LedgerId id;
  std::string currency;
  std::uint8_t exponent = 0;

  static constexpr auto description() {
    return describe<LedgerBody>(
        "keel.api.Ledger",
        doc("A ledger: accounts that may trade with one another, in one currency."),
        field<1>("id", &LedgerBody::id, required(), doc("Chosen by the client; not zero.")),
        field<2>("currency", &LedgerBody::currency, required(),
                 doc("ISO 4217: three capital letters.")),
        field<3>("exponent", &LedgerBody::exponent,
                 doc("Amounts are integers of 10^-exponent of the currency: 2 for euro cents.")));
  }
};

struct AccountBody {
  ledger::AccountId id;
  ledger::LedgerId ledger;
  ledger::Code code;
  Flags<ledger::AccountFlag> flags;
  uint128 credit_limit = 0;
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  std::uint32_t user_data_32 = 0;
  std::optional<Timestamp> timestamp;

  static constexpr auto description() {
    return describe<AccountBody>(
        "keel.api.Account", doc("An account to create."),
        field<1>("id", &AccountBody::id, required(),
                 doc("128-bit, chosen by the client; not zero.")),
        field<2>("ledger", &AccountBody::ledger, required()),
        field<3>("code", &AccountBody::code, required(),
                 doc("What kind of account, in the client's terms; not zero.")),
        field<4>("flags", &AccountBody::flags),
        field<5>("credit_limit", &AccountBody::credit_limit,
                 doc("How far the capped side may exceed the other.")),
        field<6>("user_data_128", &AccountBody::user_data_128),
        field<7>("user_data_64", &AccountBody::user_data_64),
        field<8>("user_data_32", &AccountBody::user_data_32),
        field<9>("timestamp", &AccountBody::timestamp, doc("Only with the flag imported.")));
  }
};

struct TransferBody {
  ledger::TransferId id;
  ledger::AccountId debit_account_id;
  ledger::AccountId credit_account_id;
  uint128 amount = 0;
  ledger::LedgerId ledger;
  ledger::Code code;
  Flags<ledger::TransferFlag> flags;
  ledger::TransferId pending_id;
  std::uint32_t timeout_seconds = 0;
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  std::uint32_t user_data_32 = 0;
  std::optional<Timestamp> timestamp;

  static constexpr auto description() {
    return describe<TransferBody>(
        "keel.api.Transfer", doc("A transfer to create, or one that was."),
        field<1>("id", &TransferBody::id, required(),
                 doc("128-bit, chosen by the client; the same id again is the same transfer.")),
        field<2>("debit_account_id", &TransferBody::debit_account_id),
        field<3>("credit_account_id", &TransferBody::credit_account_id),
        field<4>("amount", &TransferBody::amount, doc("Minor units of the ledger's currency.")),
        field<5>("ledger", &TransferBody::ledger), field<6>("code", &TransferBody::code),
        field<7>("flags", &TransferBody::flags),
        field<8>("pending_id", &TransferBody::pending_id,
                 doc("With post_pending or void_pending: what is settled.")),
        field<9>("timeout_seconds", &TransferBody::timeout_seconds,
                 doc("With pending: when it expires; zero: never.")),
        field<10>("user_data_128", &TransferBody::user_data_128),
        field<11>("user_data_64", &TransferBody::user_data_64),
        field<12>("user_data_32", &TransferBody::user_data_32),
        field<13>("timestamp", &TransferBody::timestamp,
                  doc("Cell time; given by the client only with the flag imported.")));
  }
};

struct CreditLimitBody {
  ledger::AccountId account_id;
  uint128 limit = 0;

  static constexpr auto description() {
    return describe<CreditLimitBody>(
        "keel.api.CreditLimit", field<1>("account_id", &CreditLimitBody::account_id, required()),
        field<2>("limit", &CreditLimitBody::limit, required()));
  }
};

struct OpenLedgersBody {
  std::vector<LedgerBody> ledgers;
  static constexpr auto description() {
    return describe<OpenLedgersBody>("keel.api.OpenLedgers",
                                     field<1>("ledgers", &OpenLedgersBody::ledgers, required()));
  }
};

struct CreateAccountsBody {
  std::vector<AccountBody> accounts;
  static constexpr auto description() {
    return describe<CreateAccountsBody>(
        "keel.api.CreateAccounts", field<1>("accounts", &CreateAccountsBody::accounts, required()));
  }
};

struct CreateTransfersBody {
  std::vector<TransferBody> transfers;
  bool balances = false;
  static constexpr auto description() {
    return describe<CreateTransfersBody>(
        "keel.api.CreateTransfers",
        field<1>("transfers", &CreateTransfersBody::transfers, required()),
        field<2>("balances", &CreateTransfersBody::balances,
                 doc("Answer with both accounts' balances after each transfer.")));
  }
};

struct SetCreditLimitsBody {
  std::vector<CreditLimitBody> limits;
  static constexpr auto description() {
    return describe<SetCreditLimitsBody>(
        "keel.api.SetCreditLimits", field<1>("limits", &SetCreditLimitsBody::limits, required()));
  }
};

struct BalancesBody {
  uint128 debits_pending = 0;
  uint128 debits_posted = 0;
  uint128 credits_pending = 0;
  uint128 credits_posted = 0;

  static constexpr auto description() {
    return describe<BalancesBody>("keel.api.Balances",
                                  field<1>("debits_pending", &BalancesBody::debits_pending),
                                  field<2>("debits_posted", &BalancesBody::debits_posted),
                                  field<3>("credits_pending", &BalancesBody::credits_pending),
                                  field<4>("credits_posted", &BalancesBody::credits_posted));
  }
};

struct RowResultBody {
  std::uint32_t index = 0;
  std::string code;
  std::uint32_t number = 0;
  std::optional<Timestamp> timestamp;
  std::optional<uint128> amount;
  std::optional<BalancesBody> debit_account;
  std::optional<BalancesBody> credit_account;

  static constexpr auto description() {
    return describe<RowResultBody>(
        "keel.api.RowResult", doc("What became of one row of a batch."),
        field<1>("index", &RowResultBody::index, doc("Of the row in its batch, from 0.")),
        field<2>("code", &RowResultBody::code, doc("The name of the result code; docs/ledger.md.")),
        field<3>("number", &RowResultBody::number, doc("Its number; 0 is success.")),
        field<4>("timestamp", &RowResultBody::timestamp),
        field<5>("amount", &RowResultBody::amount),
        field<6>("debit_account", &RowResultBody::debit_account),
        field<7>("credit_account", &RowResultBody::credit_account));
  }
};

struct BatchResultBody {
  std::uint64_t position = 0;
  bool repeated = false;
  std::vector<RowResultBody> results;

  static constexpr auto description() {
    return describe<BatchResultBody>(
        "keel.api.BatchResult",
        field<1>("position", &BatchResultBody::position, doc("In the journal; durable.")),
        field<2>("repeated", &BatchResultBody::repeated,
                 doc("The idempotency key had been answered before: this is the same answer.")),
        field<3>("results", &BatchResultBody::results));
  }
};

struct AccountStateBody {
  AccountBody account;
  BalancesBody balances;

  static constexpr auto description() {
    return describe<AccountStateBody>("keel.api.AccountState",
                                      field<1>("account", &AccountStateBody::account),
                                      field<2>("balances", &AccountStateBody::balances));
  }
};

struct AccountPageBody {
  std::vector<AccountStateBody> accounts;
  std::uint64_t next_cursor = 0;

  static constexpr auto description() {
    return describe<AccountPageBody>("keel.api.AccountPage",
                                     field<1>("accounts", &AccountPageBody::accounts),
                                     field<2>("next_cursor", &AccountPageBody::next_cursor,
                                              doc("For what follows; 0: this is the end.")));
  }
};

struct TransferPageBody {
  std::vector<TransferBody> transfers;
  std::uint64_t next_cursor = 0;

  static constexpr auto description() {
    return describe<TransferPageBody>("keel.api.TransferPage",
                                      field<1>("transfers", &TransferPageBody::transfers),
                                      field<2>("next_cursor", &TransferPageBody::next_cursor));
  }
};

struct PastBalancesBody {
  Timestamp timestamp;
  ledger::TransferId transfer_id;
  BalancesBody balances;

  static constexpr auto description() {
    return describe<PastBalancesBody>("keel.api.PastBalances",
                                      field<1>("timestamp", &PastBalancesBody::timestamp),
                                      field<2>("transfer_id", &PastBalancesBody::transfer_id),
                                      field<3>("balances", &PastBalancesBody::balances));
  }
};

struct BalancesPageBody {
  std::vector<PastBalancesBody> balances;
  std::uint64_t next_cursor = 0;

  static constexpr auto description() {
    return describe<BalancesPageBody>("keel.api.BalancesPage",
                                      field<1>("balances", &BalancesPageBody::balances),
                                      field<2>("next_cursor", &BalancesPageBody::next_cursor));
  }
};

struct TrialBalanceBody {
  LedgerBody ledger;
  BalancesBody sums;
  std::uint64_t accounts = 0;
  std::uint64_t transfers = 0;
  bool balanced = false;

  static constexpr auto description() {
    return describe<TrialBalanceBody>(
        "keel.api.TrialBalance", field<1>("ledger", &TrialBalanceBody::ledger),
        field<2>("sums", &TrialBalanceBody::sums, doc("Over all accounts of the ledger.")),
        field<3>("accounts", &TrialBalanceBody::accounts),
        field<4>("transfers", &TrialBalanceBody::transfers),
        field<5>("balanced", &TrialBalanceBody::balanced,
                 doc("Debits equal credits, pending and posted.")));
  }
};

struct TrialBalancesBody {
  std::vector<TrialBalanceBody> ledgers;
  static constexpr auto description() {
    return describe<TrialBalancesBody>("keel.api.TrialBalances",
                                       field<1>("ledgers", &TrialBalancesBody::ledgers));
  }
};

// --- to the module's records ---

Result<ledger::LedgerSpec> to_row(const LedgerBody& body);
Result<ledger::AccountSpec> to_row(const AccountBody& body);
Result<ledger::Transfer> to_row(const TransferBody& body);
Result<ledger::CreditLimit> to_row(const CreditLimitBody& body);

// --- from them ---

LedgerBody from_row(const ledger::LedgerSpec& row);
AccountBody from_row(const ledger::AccountSpec& row);
AccountStateBody from_row(const ledger::Account& row);
TransferBody from_row(const ledger::Transfer& row);
BalancesBody from_row(const ledger::Balances& row);
PastBalancesBody from_row(const ledger::PastBalances& row);
TrialBalanceBody from_row(const ledger::TrialBalance& row);

// The name of a code of one of the module's lists; "unknown" for a number that is not there.
RowResultBody from_row(const ledger::RowResult& row, std::span<const ledger::CodeInfo> codes);

}  // namespace keel::servers
