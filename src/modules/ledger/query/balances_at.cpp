// The balances that accounts had at a past time. An account with `history` has them in its table.
// Those of another are summed up from its first transfer on: what is plain is posted; what is
// pending is reserved, until a later transfer of the same list posts or voids it, or until it is
// due: from then on nothing can settle it, and whether its expiry has been written makes no
// difference to the past. The work of one call is bounded: the sum of an account that is not
// finished is handed out, and comes back with the query that goes on.
#include "base/checked.hpp"
#include "modules/ledger/query/account_walk.hpp"
#include "modules/ledger/query/queries.hpp"

namespace keel::ledger {
namespace {

// The accounts asked for: by their ids, or as a query selects them.
class Selection {
 public:
  static Result<Selection> begin(const Asked& asked, const BalanceQuery& query, ByteView ids) {
    if (ids.empty()) {
      // What was created later had no balances then; the walk need not come to it.
      AccountQuery accounts = query.accounts;
      const bool none = query.at.ns != 0 && query.at < accounts.from;
      if (query.at.ns != 0 && !none && (accounts.to.ns == 0 || query.at < accounts.to)) {
        accounts.to = query.at;
      }
      AccountWalk walk = KEEL_TRY(AccountWalk::begin(asked.state, asked.tenant, accounts));
      if (none) return Selection(asked, ids, 0, std::nullopt);
      return Selection(asked, ids, 0, std::move(walk));
    }
    if (ids.size() % sizeof(AccountId) != 0 || ids.size() / sizeof(AccountId) > kMaxBatchRows) {
      return Error(kBadFilter, std::to_string(ids.size()) + " bytes of ids; expected at most " +
                                   std::to_string(kMaxBatchRows) + " of 16 bytes");
    }
    AccountQuery page_only{.cursor = query.accounts.cursor, .limit = query.accounts.limit};
    if (object_bytes_of(page_only) != object_bytes_of(query.accounts)) {
      return Error(kBadFilter, "a query with ids has no other filter");
    }
    const std::uint64_t first = std::max<std::uint64_t>(query.accounts.cursor, 1);
    return Selection(asked, ids, first, std::nullopt);
  }

  std::optional<AccountWalk::Step> next() {
    if (walk_) return walk_->next();
    if (next_ == 0 || next_ > ids_.size()) return std::nullopt;
    const std::uint64_t place = next_++;
    return AccountWalk::Step{place, asked_.state.find(asked_.tenant, ids_[place - 1])};
  }

 private:
  Selection(const Asked& asked, ByteView ids, std::uint64_t first, std::optional<AccountWalk> walk)
      : asked_(asked), ids_(ids), next_(first), walk_(std::move(walk)) {}

  static Bytes object_bytes_of(const AccountQuery& query) {
    const auto bytes = object_bytes(query);
    return {bytes.begin(), bytes.end()};
  }

  const Asked& asked_;
  PackedRows<AccountId> ids_;
  std::uint64_t next_;  // of the ids, from 1; zero: there are none
  std::optional<AccountWalk> walk_;
};

// Sums that were in the books once fit, unless a client made up what it carries.
Result<> add(Amount& to, Amount amount) {
  const std::optional<Amount> sum = checked_add(to, amount);
  if (!sum) return Error(kBadFilter, "the balances carried are not those of the page before");
  to = *sum;
  return success();
}
Result<> subtract(Amount& from, Amount amount) {
  const std::optional<Amount> difference = checked_sub(from, amount);
  if (!difference)
    return Error(kBadFilter, "the balances carried are not those of the page before");
  from = *difference;
  return success();
}

// The sum over the first transfers of an account that has no history.
class Summing {
 public:
  Summing(const Asked& asked, const AccountRow& account, Timestamp at)
      : asked_(asked),
        id_(account.account.id),
        at_(at),
        list_(asked.state, asked.tenant, account),
        last_(list_.first_not_before(after(at)) - 1) {}

  // Goes on from transfer `next` with what was summed up before, for as long as `work` lasts. The
  // number of the next transfer; zero: that was the last.
  Result<std::uint64_t> go_on(std::uint64_t next, Balances& sums, std::size_t& work) {
    for (; next <= last_; ++next) {
      if (work == 0 || asked_.state.cold_work_done()) return next;
      --work;
      const Transfer& transfer = list_.at(next);
      const bool debited = transfer.debit_account == id_;
      KEEL_TRY(add_transfer(transfer, debited ? sums.debits_pending : sums.credits_pending,
                            debited ? sums.debits_posted : sums.credits_posted));
    }
    return std::uint64_t{0};
  }

 private:
  Result<> add_transfer(const Transfer& transfer, Amount& pending, Amount& posted) const {
    const TransferFlags flags = transfer.flags;
    if (flags.has(TransferFlag::pending)) {
      return was_due(transfer) ? success() : add(pending, transfer.amount);
    }
    const bool posts = flags.has(TransferFlag::post_pending);
    if (posts || flags.has(TransferFlag::void_pending)) {
      const TransferRow* reserved = asked_.state.find(asked_.tenant, transfer.pending_id);
      if (reserved == nullptr) return success();  // not at hand
      KEEL_TRY(subtract(pending, reserved->transfer.amount));
      return posts ? add(posted, transfer.amount) : success();
    }
    return add(posted, transfer.amount);
  }

  // Whether a pending transfer that nobody settled was due by then.
  bool was_due(const Transfer& transfer) const {
    if (transfer.timeout_seconds == 0) return false;
    const auto status = asked_.state.pending_status(asked_.tenant, transfer.id);
    const bool settled = status == PendingStatus::posted || status == PendingStatus::voided;
    return !settled && transfer.timestamp + Duration::seconds(transfer.timeout_seconds) <= at_;
  }

  const Asked& asked_;
  AccountId id_;
  Timestamp at_;
  TransferList list_;
  std::uint64_t last_;
};

// What the history of an account says: zeros before its first row.
Balances balances_in_history(const Asked& asked, const AccountRow& account, Timestamp at) {
  BalancesList list(asked.state.balances, asked.tenant, account.account.id, account.balances);
  const std::uint64_t behind = list.first_not_before(after(at));
  const BalancesRow* row = behind == 1 ? nullptr : list.at(behind - 1);
  return row == nullptr ? Balances{} : row->balances;
}

}  // namespace

Result<> balances_at(const Asked& asked, Bytes& reply) {
  if (asked.payload.size() < sizeof(BalanceQuery)) {
    return Error(kBadFilter, std::to_string(asked.payload.size()) +
                                 " bytes; a query for balances has 160 at least");
  }
  ByteReader reader(asked.payload);
  const auto query = KEEL_TRY(reader.read_object<BalanceQuery>());
  const Period period = KEEL_TRY(read_period({}, query.at));
  const ByteView ids = KEEL_TRY(reader.take(reader.remaining()));
  Selection selection = KEEL_TRY(Selection::begin(asked, query, ids));
  const std::uint32_t limit = limit_of(query.accounts.limit);
  Page<BalancesAtHeader> page(reply);
  BalancesAtHeader header{.next_transfer = query.next_transfer, .carried = query.carried};
  std::size_t work = kMaxScannedRows;
  while (const auto step = selection.next()) {
    header.next_cursor = step->place;
    if (page.rows() == limit || work == 0 || asked.state.cold_work_done()) {
      return page.finish(header), success();
    }
    --work;
    if (step->account != nullptr && step->account->account.timestamp <= period.last) {
      Account account = step->account->account;
      if (account.flags.has(AccountFlag::history) && query.at.ns != 0) {
        account.balances = balances_in_history(asked, *step->account, period.last);
      } else if (query.at.ns != 0) {
        Summing summing(asked, *step->account, period.last);
        header.next_transfer = KEEL_TRY(
            summing.go_on(std::max<std::uint64_t>(header.next_transfer, 1), header.carried, work));
        if (header.next_transfer != 0) return page.finish(header), success();
        account.balances = header.carried;
      }
      page.add(account);
    }
    header = {};
  }
  page.finish({});
  return success();
}

}  // namespace keel::ledger
