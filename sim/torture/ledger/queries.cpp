// Queries of the ledger by brute force.
#include <fmt/core.h>

#include <algorithm>

#include "modules/ledger/requests.hpp"
#include "sim/torture/ledger/ledger_oracle.hpp"

namespace keel::torture {

namespace {

using namespace ledger;  // the whole file speaks of its records
using Model = ledger::testing::Model;

template <typename Row>
Bytes bytes_of(const std::vector<Row>& rows) {
  Bytes bytes;
  for (const Row& row : rows) append(bytes, object_bytes(row));
  return bytes;
}

Finding compare_bytes(const Bytes& expected, ByteView reply) {
  if (std::ranges::equal(expected, reply)) return std::nullopt;
  return fmt::format("{} bytes, by brute force {}{}", reply.size(), expected.size(),
                     reply.size() == expected.size() ? " others" : "");
}

template <typename Id, typename Row, typename Find>
std::optional<Finding> look_up(const Ask& ask, ByteView reply, Find&& find) {
  if (ask.payload.empty() || ask.payload.size() % sizeof(Id) != 0) return std::nullopt;
  std::vector<Row> rows;
  for (ByteReader reader(ask.payload); !reader.empty();) {
    if (const auto row = find(reader.read_object<Id>().value())) rows.push_back(*row);
  }
  return compare_bytes(bytes_of(rows), reply);
}

// Of all rows in the order asked for, those behind the page before; then the limit.
template <typename Row>
Finding compare_page(std::vector<Row> all, const Ask& ask, std::uint32_t limit, ByteView reply) {
  if (ask.after_page) {
    const ByteView last = ByteView(*ask.after_page).last(sizeof(Row));
    const auto same = [last](const Row& row) {
      if constexpr (requires { row.balances; } && !requires { row.transfer; }) {
        // An account's balances may have changed since.
        return row.id == ByteReader(last).read_object<Row>().value().id;
      } else {
        return std::ranges::equal(object_bytes(row), last);
      }
    };
    const auto found = std::ranges::find_if(all, same);
    if (found == all.end()) return "the last row of the page before is not there any more";
    all.erase(all.begin(), found + 1);
  }
  const auto header = ByteReader(reply).read_object<PageHeader>();
  if (!header.ok()) return "a page without its header";
  const std::size_t most = limit == 0 || limit > kMaxBatchRows ? kMaxBatchRows : limit;
  const bool cut = all.size() > most;
  if (cut) all.resize(most);
  if (cut && header->next_cursor == 0) return "the page says that it is the last, and is not";
  // A page that has looked at enough on disk ends early; its cursor goes on.
  if (header->next_cursor != 0 && header->rows < all.size()) all.resize(header->rows);
  if (header->rows != all.size()) {
    return fmt::format("{} rows, by brute force {}", header->rows, all.size());
  }
  return compare_bytes(bytes_of(all), reply.subspan(sizeof(PageHeader)));
}

std::optional<AccountFilter> filter_of(const Ask& ask) {
  if (ask.payload.size() != sizeof(AccountFilter)) return std::nullopt;
  auto filter = ByteReader(ask.payload).read_object<AccountFilter>().value();
  const std::uint16_t bits = filter.flags.bits();
  if (bits > 7 || (bits & 3) == 0) return std::nullopt;
  if (filter.reserved != decltype(filter.reserved){}) return std::nullopt;
  if (filter.to.ns != 0 && filter.to < filter.from) return std::nullopt;
  if (filter.to.ns == 0) filter.to = Timestamp::never();
  return filter;
}

bool matches(const AccountFilter& filter, const Transfer& transfer, Timestamp at) {
  const bool debit = transfer.debit_account == filter.account;
  const bool credit = transfer.credit_account == filter.account;
  if (!debit && !credit) return false;
  if (!filter.flags.has(debit ? FilterFlag::debits : FilterFlag::credits)) return false;
  if (!filter.code.is_zero() && filter.code != transfer.code) return false;
  return filter.from <= at && at <= filter.to;
}

std::optional<Finding> account_transfers(const Model& model, const Ask& ask, ByteView reply) {
  const std::optional<AccountFilter> filter = filter_of(ask);
  if (!filter) return std::nullopt;
  std::vector<Transfer> rows;
  for (const TransferId id : model.state().order) {
    const Transfer& transfer = model.state().transfers.at(id).transfer;
    if (matches(*filter, transfer, transfer.timestamp)) rows.push_back(transfer);
  }
  if (filter->flags.has(FilterFlag::newest_first)) std::ranges::reverse(rows);
  return compare_page(rows, ask, filter->limit, reply);
}

std::optional<Finding> account_balances(const Model& model, const Ask& ask, ByteView reply) {
  const std::optional<AccountFilter> filter = filter_of(ask);
  if (!filter) return std::nullopt;
  std::vector<PastBalances> rows;
  if (const auto past = model.state().past.find(filter->account);
      past != model.state().past.end()) {
    for (const PastBalances& row : past->second) {
      const Transfer& cause = model.state().transfers.at(row.transfer).transfer;
      if (matches(*filter, cause, row.timestamp)) rows.push_back(row);
    }
  }
  std::ranges::sort(rows, {}, &PastBalances::timestamp);
  if (filter->flags.has(FilterFlag::newest_first)) std::ranges::reverse(rows);
  return compare_page(rows, ask, filter->limit, reply);
}

TrialBalance trial_balance_of(const Model& model, const LedgerSpec& spec) {
  TrialBalance row{.ledger = spec};
  for (const auto& [id, account] : model.state().accounts) {
    if (account.ledger != spec.id) continue;
    row.sums.debits_pending += account.balances.debits_pending;
    row.sums.debits_posted += account.balances.debits_posted;
    row.sums.credits_pending += account.balances.credits_pending;
    row.sums.credits_posted += account.balances.credits_posted;
    ++row.accounts;
  }
  for (const auto& [id, kept] : model.state().transfers) {
    row.transfers += kept.transfer.ledger == spec.id;
  }
  return row;
}

std::optional<Finding> trial_balance(const Model& model, const Ask& ask, ByteView reply) {
  if (ask.payload.size() != sizeof(LedgerId)) return std::nullopt;
  const auto asked = ByteReader(ask.payload).read_object<LedgerId>().value();
  std::map<LedgerId, TrialBalance> expected;
  for (const auto& [id, spec] : model.state().ledgers) {
    if (asked.is_zero() || id == asked) expected.emplace(id, trial_balance_of(model, spec));
  }
  for (ByteReader reader(reply); !reader.empty();) {
    const auto row = reader.read_object<TrialBalance>();
    if (!row.ok()) return "a row that is cut off";
    if (row->sums.debits_posted != row->sums.credits_posted ||
        row->sums.debits_pending != row->sums.credits_pending) {
      return fmt::format("ledger {} does not sum to zero", row->ledger.id.value());
    }
    const auto found = expected.find(row->ledger.id);
    if (found == expected.end()) return "a ledger that is not there, or twice";
    if (*row != found->second) {
      return fmt::format("ledger {} has other sums by brute force", row->ledger.id.value());
    }
    expected.erase(found);
  }
  if (!expected.empty()) return "a ledger is missing";
  return Finding();
}

std::optional<Finding> list_accounts(const Model& model, const Ask& ask, ByteView reply) {
  if (ask.payload.size() != sizeof(AccountList)) return std::nullopt;
  const auto list = ByteReader(ask.payload).read_object<AccountList>().value();
  std::vector<Account> rows;
  if (const auto ids = model.state().accounts_of.find(list.ledger);
      ids != model.state().accounts_of.end()) {
    for (const AccountId id : ids->second) rows.push_back(model.state().accounts.at(id));
  }
  return compare_page(rows, ask, list.limit, reply);
}

std::optional<Finding> query_transfers(const Model& model, const Ask& ask, ByteView reply) {
  if (ask.payload.size() != sizeof(TransferQuery)) return std::nullopt;
  const auto query = ByteReader(ask.payload).read_object<TransferQuery>().value();
  if (query.reserved != decltype(query.reserved){} || query.flags.bits() > 1) return std::nullopt;
  if (query.to.ns != 0 && query.to < query.from) return std::nullopt;
  const auto open_or = [](const auto& asked, const auto& is) {
    return asked == std::remove_cvref_t<decltype(asked)>{} || asked == is;
  };
  std::vector<Transfer> rows;
  for (const TransferId id : model.state().order) {
    const Transfer& row = model.state().transfers.at(id).transfer;
    const bool side = query.account.is_zero() || query.account == row.debit_account ||
                      query.account == row.credit_account;
    if (side && open_or(query.debit_account, row.debit_account) &&
        open_or(query.credit_account, row.credit_account) &&
        open_or(query.user_data_128, row.user_data_128) &&
        open_or(query.user_data_64, row.user_data_64) &&
        open_or(query.user_data_32, row.user_data_32) && open_or(query.ledger, row.ledger) &&
        open_or(query.code, row.code) && query.from <= row.timestamp &&
        (query.to.ns == 0 || row.timestamp <= query.to)) {
      rows.push_back(row);
    }
  }
  if (query.flags.has(QueryFlag::newest_first)) std::ranges::reverse(rows);
  return compare_page(rows, ask, query.limit, reply);
}

// In order, without the page's limit; nullopt: malformed.
std::optional<std::vector<Account>> accounts_of(const Model& model, const AccountQuery& query) {
  if (query.reserved != decltype(query.reserved){} || query.flags.bits() > 1) return std::nullopt;
  if (query.to.ns != 0 && query.to < query.from) return std::nullopt;
  std::vector<Account> rows;
  for (const auto& [ledger, ids] : model.state().accounts_of) {
    for (const AccountId id : ids) {
      const Account& row = model.state().accounts.at(id);
      const std::uint16_t with = query.with.bits();
      if ((query.ledger.is_zero() || query.ledger == ledger) &&
          (query.code.is_zero() || query.code == row.code) &&
          (query.user_data_128 == 0 || query.user_data_128 == row.user_data_128) &&
          (query.user_data_64 == 0 || query.user_data_64 == row.user_data_64) &&
          (query.user_data_32 == 0 || query.user_data_32 == row.user_data_32) &&
          (row.flags.bits() & with) == with && query.from <= row.timestamp &&
          (query.to.ns == 0 || row.timestamp <= query.to)) {
        rows.push_back(row);
      }
    }
  }
  if (query.flags.has(QueryFlag::newest_first)) std::ranges::reverse(rows);
  return rows;
}

std::optional<Finding> query_accounts(const Model& model, const Ask& ask, ByteView reply) {
  if (ask.payload.size() != sizeof(AccountQuery)) return std::nullopt;
  const auto query = ByteReader(ask.payload).read_object<AccountQuery>().value();
  const auto rows = accounts_of(model, query);
  if (!rows) return std::nullopt;
  return compare_page(*rows, ask, query.limit, reply);
}

// As docs/ledger.md says it: from the past balances of an account that keeps them; else summed up,
// where a reservation that nobody settled counts until it was due.
Balances balances_at(const Model& model, const Account& account, Timestamp at) {
  if (at.ns == 0) return account.balances;
  Balances sums{};
  if (account.flags.has(AccountFlag::history)) {
    const auto past = model.state().past.find(account.id);
    if (past == model.state().past.end()) return sums;
    Timestamp newest{INT64_MIN};
    for (const PastBalances& row : past->second) {
      if (row.timestamp > at || row.timestamp < newest) continue;
      newest = row.timestamp;
      sums = row.balances;
    }
    return sums;
  }
  std::map<TransferId, Timestamp> settled;
  for (const auto& [id, kept] : model.state().transfers) {
    if (!kept.transfer.pending_id.is_zero()) {
      settled[kept.transfer.pending_id] = kept.transfer.timestamp;
    }
  }
  for (const auto& [id, kept] : model.state().transfers) {
    const Transfer& row = kept.transfer;
    const bool debit = row.debit_account == account.id;
    if ((!debit && row.credit_account != account.id) || row.timestamp > at) continue;
    if (row.flags.has(TransferFlag::void_pending)) continue;
    if (!row.flags.has(TransferFlag::pending)) {
      (debit ? sums.debits_posted : sums.credits_posted) += row.amount;
      continue;
    }
    const auto end = settled.find(id);
    const bool over = end != settled.end()
                          ? end->second <= at
                          : row.timeout_seconds != 0 &&
                                row.timestamp + Duration::seconds(row.timeout_seconds) <= at;
    if (!over) (debit ? sums.debits_pending : sums.credits_pending) += row.amount;
  }
  return sums;
}

std::optional<Finding> balances_query(const Model& model, const Ask& ask, ByteView reply) {
  if (ask.payload.size() < sizeof(BalanceQuery)) return std::nullopt;
  ByteReader reader(ask.payload);
  const auto query = reader.read_object<BalanceQuery>().value();
  std::vector<Account> rows;
  if (reader.empty()) {
    const auto selected = accounts_of(model, query.accounts);
    if (!selected) return std::nullopt;
    rows = *selected;
  }
  if (reader.remaining() % sizeof(AccountId) != 0) return std::nullopt;
  while (!reader.empty()) {
    const auto found = model.state().accounts.find(reader.read_object<AccountId>().value());
    if (found != model.state().accounts.end()) rows.push_back(found->second);
  }
  std::erase_if(
      rows, [&query](const Account& row) { return query.at.ns != 0 && row.timestamp > query.at; });
  for (Account& row : rows) row.balances = balances_at(model, row, query.at);
  const auto header = ByteReader(reply).read_object<BalancesAtHeader>();
  if (!header.ok()) return "a page without its header";
  if (header->next_cursor != 0) return "a small page that is not finished";
  return compare_bytes(bytes_of(rows), reply.subspan(sizeof(BalancesAtHeader)));
}

}  // namespace

std::optional<Finding> compare_query(const Model& model, const Ask& ask, ByteView reply) {
  const kernel::QueryType type(ask.type);
  if (type == kLookupAccounts) {
    return look_up<AccountId, Account>(ask, reply, [&](AccountId id) -> std::optional<Account> {
      const auto found = model.state().accounts.find(id);
      if (found == model.state().accounts.end()) return std::nullopt;
      return found->second;
    });
  }
  if (type == kLookupTransfers) {
    return look_up<TransferId, Transfer>(ask, reply, [&](TransferId id) -> std::optional<Transfer> {
      const auto found = model.state().transfers.find(id);
      if (found == model.state().transfers.end()) return std::nullopt;
      return found->second.transfer;
    });
  }
  if (type == kAccountTransfers) return account_transfers(model, ask, reply);
  if (type == kAccountBalances) return account_balances(model, ask, reply);
  if (type == kTrialBalance) return trial_balance(model, ask, reply);
  if (type == kListAccounts) return list_accounts(model, ask, reply);
  if (type == kQueryTransfers) return query_transfers(model, ask, reply);
  if (type == kQueryAccounts) return query_accounts(model, ask, reply);
  if (type == kBalancesAt) return balances_query(model, ask, reply);
  return std::nullopt;
}

}  // namespace keel::torture
