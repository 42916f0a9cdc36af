// The ledger's documents as JSON bodies and lines of CSV. Names here are the API's, for ever.
#pragma once

#include "servers/api/ledger/ledger_bodies.hpp"

namespace keel::servers {

// Credits less debits, posted, as a decimal that may be negative.
std::string signed_balance(const ledger::Balances& balances);

struct AccountBalanceBody {
  Timestamp at;
  AccountBody account;
  BalancesBody balances;
  std::string balance;

  static constexpr auto description() {
    return describe<AccountBalanceBody>(
        "keel.api.AccountBalance", doc("An account with the balances that it had at a time."),
        field<1>("at", &AccountBalanceBody::at, doc("Everything up to it is in the balances.")),
        field<2>("account", &AccountBalanceBody::account,
                 doc("Its credit limit and flags are today's.")),
        field<3>("balances", &AccountBalanceBody::balances),
        field<4>("balance", &AccountBalanceBody::balance,
                 doc("Credits less debits, posted; signed.")));
  }
};

struct StatementLineBody {
  std::string entry;
  std::optional<Timestamp> timestamp;
  std::optional<ledger::TransferId> transfer_id;
  std::optional<ledger::AccountId> other_account_id;
  std::optional<ledger::Code> code;
  std::optional<uint128> amount;
  std::optional<uint128> debit;
  std::optional<uint128> credit;
  uint128 debits_posted = 0;
  uint128 credits_posted = 0;
  std::string balance;
  std::optional<ledger::TransferId> pending_id;
  uint128 user_data_128 = 0;
  std::uint64_t user_data_64 = 0;
  std::uint32_t user_data_32 = 0;

  static constexpr auto description() {
    using B = StatementLineBody;
    return describe<StatementLineBody>(
        "keel.api.StatementLine", doc("What one transfer did to the account."),
        field<1>("entry", &B::entry,
                 doc("posted, pending, post or void; in CSV also opening and closing.")),
        field<2>("timestamp", &B::timestamp), field<3>("transfer_id", &B::transfer_id),
        field<4>("other_account_id", &B::other_account_id), field<5>("code", &B::code),
        field<6>("amount", &B::amount, doc("Of the transfer, posted or not.")),
        field<7>("debit", &B::debit, doc("What it posted to the account's debits.")),
        field<8>("credit", &B::credit, doc("What it posted to the account's credits.")),
        field<9>("debits_posted", &B::debits_posted, doc("All of them, after it.")),
        field<10>("credits_posted", &B::credits_posted),
        field<11>("balance", &B::balance, doc("Credits less debits, posted, after it; signed.")),
        field<12>("pending_id", &B::pending_id, doc("With post and void: what was settled.")),
        field<13>("user_data_128", &B::user_data_128), field<14>("user_data_64", &B::user_data_64),
        field<15>("user_data_32", &B::user_data_32));
  }
};

struct StatementBody {
  AccountBody account;
  std::optional<Timestamp> from;
  Timestamp to;
  BalancesBody opening;
  std::vector<StatementLineBody> lines;
  BalancesBody closing;
  std::string balance;

  static constexpr auto description() {
    return describe<StatementBody>(
        "keel.api.Statement", doc("What happened to an account in a period."),
        field<1>("account", &StatementBody::account),
        field<2>("from", &StatementBody::from, doc("Inclusive; absent: from the start.")),
        field<3>("to", &StatementBody::to, doc("Inclusive.")),
        field<4>("opening", &StatementBody::opening, doc("The balances just before the period.")),
        field<5>("lines", &StatementBody::lines, doc("Its transfers, the oldest first.")),
        field<6>("closing", &StatementBody::closing, doc("The balances at its end.")),
        field<7>("balance", &StatementBody::balance,
                 doc("Credits less debits, posted, at its end; signed.")));
  }
};

struct BalanceLineBody {
  std::string entry;
  std::optional<ledger::AccountId> account_id;
  std::optional<ledger::LedgerId> ledger;
  std::optional<ledger::Code> code;
  BalancesBody balances;
  std::string balance;

  static constexpr auto description() {
    return describe<BalanceLineBody>(
        "keel.api.BalanceLine", doc("An account of a list of balances."),
        field<1>("entry", &BalanceLineBody::entry, doc("account; in CSV the last is total.")),
        field<2>("account_id", &BalanceLineBody::account_id),
        field<3>("ledger", &BalanceLineBody::ledger), field<4>("code", &BalanceLineBody::code),
        field<5>("balances", &BalanceLineBody::balances),
        field<6>("balance", &BalanceLineBody::balance,
                 doc("Credits less debits, posted; signed.")));
  }
};

struct BalanceSheetBody {
  Timestamp at;
  std::vector<BalanceLineBody> accounts;
  std::uint64_t count = 0;
  BalancesBody sums;
  std::string balance;
  bool balanced = false;

  static constexpr auto description() {
    return describe<BalanceSheetBody>(
        "keel.api.BalanceSheet",
        doc("The balances of a set of accounts at a time, and their sums."),
        field<1>("at", &BalanceSheetBody::at, doc("Everything up to it is in the balances.")),
        field<2>("accounts", &BalanceSheetBody::accounts, doc("Empty with detail=sums.")),
        field<3>("count", &BalanceSheetBody::count, doc("How many accounts are in the sums.")),
        field<4>("sums", &BalanceSheetBody::sums),
        field<5>("balance", &BalanceSheetBody::balance,
                 doc("Credits less debits, posted; signed.")),
        field<6>("balanced", &BalanceSheetBody::balanced,
                 doc("Debits equal credits, pending and posted: always so for a whole ledger.")));
  }
};

}  // namespace keel::servers
