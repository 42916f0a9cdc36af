// What the ledger publishes (schema/module.ledger.json).
#include "modules/ledger/published/published.hpp"

#include <algorithm>

#include "modules/ledger/requests.hpp"
#include "modules/ledger/state/rows.hpp"

namespace keel::ledger {
namespace {

using kernel::column;
using kernel::Many;
using kernel::SchemaBook;
using kernel::Slot;

template <typename Code>
void codes(SchemaBook& book, std::string_view name, std::span<const CodeInfo> list) {
  std::vector<kernel::NamedValue> values;
  for (const CodeInfo& code : list) values.push_back({code.number, std::string(code.name)});
  std::ranges::sort(values, {}, &kernel::NamedValue::value);
  book.values<Code>(name, std::move(values));
}

void values(SchemaBook& book) {
  codes<TransferCode>(book, "TransferCode", transfer_codes());
  codes<AccountCode>(book, "AccountCode", account_codes());
  codes<LedgerCode>(book, "LedgerCode", ledger_codes());
  codes<LimitCode>(book, "LimitCode", limit_codes());
  book.values<AccountFlag>(
      "AccountFlag",
      {{"linked", AccountFlag::linked},
       {"debits_must_not_exceed_credits", AccountFlag::debits_must_not_exceed_credits},
       {"credits_must_not_exceed_debits", AccountFlag::credits_must_not_exceed_debits},
       {"history", AccountFlag::history},
       {"imported", AccountFlag::imported},
       {"closed", AccountFlag::closed}});
  book.values<TransferFlag>("TransferFlag", {{"linked", TransferFlag::linked},
                                             {"pending", TransferFlag::pending},
                                             {"post_pending", TransferFlag::post_pending},
                                             {"void_pending", TransferFlag::void_pending},
                                             {"balancing_debit", TransferFlag::balancing_debit},
                                             {"balancing_credit", TransferFlag::balancing_credit},
                                             {"closing_debit", TransferFlag::closing_debit},
                                             {"closing_credit", TransferFlag::closing_credit},
                                             {"imported", TransferFlag::imported}});
  book.values<BatchOption>("BatchOption", {{"balances_in_reply", BatchOption::balances_in_reply}});
  book.values<FilterFlag>("FilterFlag", {{"debits", FilterFlag::debits},
                                         {"credits", FilterFlag::credits},
                                         {"newest_first", FilterFlag::newest_first}});
  book.values<QueryFlag>("QueryFlag", {{"newest_first", QueryFlag::newest_first}});
  book.values<PendingStatus>("PendingStatus", {{"pending", PendingStatus::pending},
                                               {"posted", PendingStatus::posted},
                                               {"voided", PendingStatus::voided},
                                               {"expired", PendingStatus::expired}});
}

void records(SchemaBook& book) {
  book.row("LedgerSpec", column("id", &LedgerSpec::id), column("currency", &LedgerSpec::currency),
           column("exponent", &LedgerSpec::exponent), column("timestamp", &LedgerSpec::timestamp));
  book.row("Balances", column("debits_pending", &Balances::debits_pending),
           column("debits_posted", &Balances::debits_posted),
           column("credits_pending", &Balances::credits_pending),
           column("credits_posted", &Balances::credits_posted));
  book.row("AccountSpec", column("id", &AccountSpec::id),
           column("credit_limit", &AccountSpec::credit_limit),
           column("user_data_128", &AccountSpec::user_data_128),
           column("user_data_64", &AccountSpec::user_data_64),
           column("user_data_32", &AccountSpec::user_data_32),
           column("ledger", &AccountSpec::ledger), column("code", &AccountSpec::code),
           column("flags", &AccountSpec::flags), column("reserved", &AccountSpec::reserved),
           column("timestamp", &AccountSpec::timestamp));
  book.row("Account", column("id", &Account::id), column("balances", &Account::balances),
           column("credit_limit", &Account::credit_limit),
           column("user_data_128", &Account::user_data_128),
           column("user_data_64", &Account::user_data_64),
           column("user_data_32", &Account::user_data_32), column("ledger", &Account::ledger),
           column("code", &Account::code), column("flags", &Account::flags),
           column("reserved", &Account::reserved), column("timestamp", &Account::timestamp));
  book.row("Transfer", column("id", &Transfer::id),
           column("debit_account", &Transfer::debit_account),
           column("credit_account", &Transfer::credit_account), column("amount", &Transfer::amount),
           column("pending_id", &Transfer::pending_id),
           column("user_data_128", &Transfer::user_data_128),
           column("user_data_64", &Transfer::user_data_64),
           column("user_data_32", &Transfer::user_data_32),
           column("timeout_seconds", &Transfer::timeout_seconds),
           column("ledger", &Transfer::ledger), column("code", &Transfer::code),
           column("flags", &Transfer::flags), column("timestamp", &Transfer::timestamp));
}

void requests(SchemaBook& book) {
  book.row("BatchHeader", column("options", &BatchHeader::options),
           column("reserved", &BatchHeader::reserved));
  book.row("CreditLimit", column("account", &CreditLimit::account),
           column("limit", &CreditLimit::limit));
  book.row("RowResult", column("index", &RowResult::index), column("code", &RowResult::code),
           column("timestamp", &RowResult::timestamp), column("amount", &RowResult::amount));
  book.row("TransferResultWithBalances", column("result", &TransferResultWithBalances::result),
           column("debit_account", &TransferResultWithBalances::debit_account),
           column("credit_account", &TransferResultWithBalances::credit_account));
  book.row("PageHeader", column("next_cursor", &PageHeader::next_cursor),
           column("rows", &PageHeader::rows), column("reserved", &PageHeader::reserved));
  book.row("AccountFilter", column("account", &AccountFilter::account),
           column("from", &AccountFilter::from), column("to", &AccountFilter::to),
           column("cursor", &AccountFilter::cursor), column("limit", &AccountFilter::limit),
           column("code", &AccountFilter::code), column("flags", &AccountFilter::flags),
           column("reserved", &AccountFilter::reserved));
  book.row("AccountList", column("cursor", &AccountList::cursor),
           column("ledger", &AccountList::ledger), column("limit", &AccountList::limit));
  book.row("TransferQuery", column("account", &TransferQuery::account),
           column("debit_account", &TransferQuery::debit_account),
           column("credit_account", &TransferQuery::credit_account),
           column("user_data_128", &TransferQuery::user_data_128),
           column("user_data_64", &TransferQuery::user_data_64),
           column("from", &TransferQuery::from), column("to", &TransferQuery::to),
           column("cursor", &TransferQuery::cursor), column("limit", &TransferQuery::limit),
           column("user_data_32", &TransferQuery::user_data_32),
           column("ledger", &TransferQuery::ledger), column("code", &TransferQuery::code),
           column("flags", &TransferQuery::flags), column("reserved", &TransferQuery::reserved));
  book.row("AccountQuery", column("user_data_128", &AccountQuery::user_data_128),
           column("user_data_64", &AccountQuery::user_data_64), column("from", &AccountQuery::from),
           column("to", &AccountQuery::to), column("cursor", &AccountQuery::cursor),
           column("limit", &AccountQuery::limit),
           column("user_data_32", &AccountQuery::user_data_32),
           column("ledger", &AccountQuery::ledger), column("code", &AccountQuery::code),
           column("with", &AccountQuery::with), column("flags", &AccountQuery::flags),
           column("reserved", &AccountQuery::reserved));
  book.row("BalanceQuery", column("accounts", &BalanceQuery::accounts),
           column("at", &BalanceQuery::at), column("next_transfer", &BalanceQuery::next_transfer),
           column("carried", &BalanceQuery::carried));
  book.row("BalancesAtHeader", column("next_cursor", &BalancesAtHeader::next_cursor),
           column("rows", &BalancesAtHeader::rows), column("reserved", &BalancesAtHeader::reserved),
           column("next_transfer", &BalancesAtHeader::next_transfer),
           column("reserved_tail", &BalancesAtHeader::reserved_tail),
           column("carried", &BalancesAtHeader::carried));
  book.row("PastBalances", column("timestamp", &PastBalances::timestamp),
           column("reserved", &PastBalances::reserved), column("transfer", &PastBalances::transfer),
           column("balances", &PastBalances::balances));
  book.row("TrialBalance", column("ledger", &TrialBalance::ledger),
           column("sums", &TrialBalance::sums), column("accounts", &TrialBalance::accounts),
           column("transfers", &TrialBalance::transfers));
}

void events(SchemaBook& book) {
  book.row("LedgerOpened", column("ledger", &LedgerOpened::ledger));
  book.event<LedgerOpened>("ledger_opened");
  book.row("AccountCreated", column("account", &AccountCreated::account));
  book.event<AccountCreated>("account_created");
  book.row("CreditLimitSet", column("account", &CreditLimitSet::account),
           column("credit_limit", &CreditLimitSet::credit_limit),
           column("timestamp", &CreditLimitSet::timestamp),
           column("reserved", &CreditLimitSet::reserved));
  book.event<CreditLimitSet>("credit_limit_set");
  book.row("TransferCreated", column("transfer", &TransferCreated::transfer));
  book.event<TransferCreated>("transfer_created");
  book.row("TransferFailed", column("id", &TransferFailed::id),
           column("timestamp", &TransferFailed::timestamp), column("code", &TransferFailed::code),
           column("reserved", &TransferFailed::reserved));
  book.event<TransferFailed>("transfer_failed");
  book.row("TransferExpired", column("pending_id", &TransferExpired::pending_id),
           column("timestamp", &TransferExpired::timestamp),
           column("reserved", &TransferExpired::reserved));
  book.event<TransferExpired>("transfer_expired");
}

void commands(SchemaBook& book) {
  const std::string results = book.bytes<Many<RowResult>>();
  book.command(kOpenLedgers, "open_ledgers", book.bytes<BatchHeader, Many<LedgerSpec>>(), results);
  book.command(kCreateAccounts, "create_accounts", book.bytes<BatchHeader, Many<AccountSpec>>(),
               results);
  book.command(kSetCreditLimits, "set_credit_limits", book.bytes<BatchHeader, Many<CreditLimit>>(),
               results);
  // The second with BatchOption::balances_in_reply.
  book.command(kCreateTransfers, "create_transfers", book.bytes<BatchHeader, Many<Transfer>>(),
               results + " or " + book.bytes<Many<TransferResultWithBalances>>());
}

void queries(SchemaBook& book) {
  const std::string accounts = book.bytes<PageHeader, Many<Account>>();
  const std::string transfers = book.bytes<PageHeader, Many<Transfer>>();
  book.query(kLookupAccounts, "lookup_accounts", book.bytes<Many<AccountId>>(),
             book.bytes<Many<Account>>());
  book.query(kLookupTransfers, "lookup_transfers", book.bytes<Many<TransferId>>(),
             book.bytes<Many<Transfer>>());
  book.query(kAccountTransfers, "account_transfers", book.bytes<AccountFilter>(), transfers);
  book.query(kAccountBalances, "account_balances", book.bytes<AccountFilter>(),
             book.bytes<PageHeader, Many<PastBalances>>());
  book.query(kTrialBalance, "trial_balance", book.bytes<LedgerId>(),
             book.bytes<Many<TrialBalance>>());
  book.query(kListAccounts, "list_accounts", book.bytes<AccountList>(), accounts);
  book.query(kQueryTransfers, "query_transfers", book.bytes<TransferQuery>(), transfers);
  book.query(kQueryAccounts, "query_accounts", book.bytes<AccountQuery>(), accounts);
  book.query(kBalancesAt, "balances_at", book.bytes<BalanceQuery, Many<AccountId>>(),
             book.bytes<BalancesAtHeader, Many<Account>>());
}

void tables(SchemaBook& book) {
  book.row("LedgerKey", column("tenant", &LedgerKey::tenant), column("id", &LedgerKey::id));
  book.row("AccountKey", column("tenant", &AccountKey::tenant),
           column("reserved", &AccountKey::reserved), column("id", &AccountKey::id));
  book.row("TransferKey", column("tenant", &TransferKey::tenant),
           column("reserved", &TransferKey::reserved), column("id", &TransferKey::id));
  book.row("AccountNumberKey", column("tenant", &AccountNumberKey::tenant),
           column("ledger", &AccountNumberKey::ledger),
           column("number", &AccountNumberKey::number));
  book.row("ExpiryKey", column("expires_at", &ExpiryKey::expires_at),
           column("tenant", &ExpiryKey::tenant), column("reserved", &ExpiryKey::reserved),
           column("id", &ExpiryKey::id));
  book.row("ListEnd", column("newest", &ListEnd::newest), column("size", &ListEnd::size));
  book.row("ListPlace", column("nth", &ListPlace::nth), column("before", &ListPlace::before));
  book.row("LedgerRow", column("spec", &LedgerRow::spec), column("sums", &LedgerRow::sums),
           column("accounts", &LedgerRow::accounts), column("transfers", &LedgerRow::transfers),
           column("last_account", &LedgerRow::last_account),
           column("last_transfer", &LedgerRow::last_transfer));
  book.row("AccountRow", column("account", &AccountRow::account),
           column("transfers", &AccountRow::transfers), column("balances", &AccountRow::balances),
           column("number", &AccountRow::number), column("reserved", &AccountRow::reserved));
  book.row("AccountIdRow", column("id", &AccountIdRow::id));
  book.row("TransferRow", column("transfer", &TransferRow::transfer),
           column("in_debit", &TransferRow::in_debit), column("in_credit", &TransferRow::in_credit),
           column("tenant", &TransferRow::tenant), column("code", &TransferRow::code),
           column("reserved", &TransferRow::reserved));
  book.row("PendingRow", column("transfer", &PendingRow::transfer),
           column("expires_at", &PendingRow::expires_at),
           column("reserved", &PendingRow::reserved));
  book.row("SettlementRow", column("pending", &SettlementRow::pending),
           column("tenant", &SettlementRow::tenant), column("status", &SettlementRow::status),
           column("timestamp", &SettlementRow::timestamp));
  book.row("BalancesRow", column("account", &BalancesRow::account),
           column("transfer", &BalancesRow::transfer), column("balances", &BalancesRow::balances),
           column("place", &BalancesRow::place), column("timestamp", &BalancesRow::timestamp),
           column("tenant", &BalancesRow::tenant), column("code", &BalancesRow::code),
           column("is_debited", &BalancesRow::is_debited));
  book.table(1, "ledger.ledgers", book.bytes<Slot, LedgerKey, LedgerRow>());
  book.table(2, "ledger.accounts", book.bytes<Slot, AccountKey, AccountRow>());
  book.table(3, "ledger.transfers", book.bytes<TransferRow>());
  book.table(4, "ledger.pendings", book.bytes<Slot, TransferKey, PendingRow>());
  book.table(5, "ledger.settlements", book.bytes<SettlementRow>());
  book.table(6, "ledger.expiries", book.bytes<ExpiryKey>());
  book.table(8, "ledger.account_numbers", book.bytes<Slot, AccountNumberKey, AccountIdRow>());
  book.table(9, "ledger.balances", book.bytes<BalancesRow>());
}

}  // namespace

SchemaBook published() {
  SchemaBook book(kModule, "ledger");
  values(book);
  records(book);
  requests(book);
  events(book);
  tables(book);
  commands(book);
  queries(book);
  return book;
}

}  // namespace keel::ledger
