#include "modules/ledger/decide/decisions.hpp"
#include "modules/ledger/decide/transfer_rules.hpp"
#include "modules/ledger/errors.hpp"

namespace keel::ledger {
namespace {

class TransferDecider {
 public:
  TransferDecider(const Decision& decision, bool with_balances)
      : decision_(decision), with_balances_(with_balances) {}

  static bool is_linked(const Transfer& row) { return row.flags.has(TransferFlag::linked); }

  void look_ahead(const Transfer& row) const {
    const State& state = decision_.state;
    const TenantId tenant = decision_.tenant();
    state.prefetch(state.transfers, tenant, row.id);
    state.prefetch(state.accounts, tenant, row.debit_account);
    state.prefetch(state.accounts, tenant, row.credit_account);
    if (!row.pending_id.is_zero()) {
      state.prefetch(state.pendings, tenant, row.pending_id);
    }
  }

  TransferResultWithBalances decide(const Transfer& row, std::uint32_t index) const {
    Candidate candidate{.state = decision_.state,
                        .tenant = decision_.tenant(),
                        .now = decision_.context.now,
                        .asked = row,
                        .hot_only = decision_.hot_only};
    const TransferCode code = judge(candidate);
    TransferResultWithBalances answer{
        .result = {.index = index, .code = static_cast<std::uint32_t>(code)}};
    if (code == TransferCode::exists) {
      answer.result.timestamp = candidate.existing->transfer.timestamp;
      answer.result.amount = candidate.existing->transfer.amount;
    }
    if (code == TransferCode::created) create(candidate.fact, answer);
    return answer;
  }

  // An id that failed for a reason that may pass is used up: a client that never saw the answer
  // and asks again must not get another one.
  void refused(const Transfer& row, const RowResult& result) const {
    const auto code = static_cast<TransferCode>(result.code);
    if (!is_passing(code)) return;
    decision_.tx.emit(
        TransferFailed{.id = row.id, .timestamp = decision_.tx.next_timestamp(), .code = code});
  }

 private:
  void create(Transfer& fact, TransferResultWithBalances& answer) const {
    if (!fact.flags.has(TransferFlag::imported)) fact.timestamp = decision_.tx.next_timestamp();
    decision_.tx.emit(TransferCreated{fact});
    answer.result.timestamp = fact.timestamp;
    answer.result.amount = fact.amount;
    if (with_balances_) {
      answer.debit_account = balances(fact.debit_account);
      answer.credit_account = balances(fact.credit_account);
    }
  }

  Balances balances(AccountId id) const {
    return decision_.state.find(decision_.tenant(), id)->account.balances;
  }

  const Decision& decision_;
  bool with_balances_;
};

}  // namespace

Result<> create_transfers(const Decision& decision, PackedRows<Transfer> rows, ResultRows results) {
  const State& state = decision.state;
  const std::uint64_t used = state.transfers.rows();
  if (used + rows.size() > state.transfers.max_rows()) {
    return Error(kTransfersFull,
                 std::to_string(used) + " of " + std::to_string(state.transfers.max_rows()) +
                     " transfers are kept; " + std::to_string(rows.size()) + " more do not fit");
  }
  decide_rows(decision.tx, rows, results, TransferDecider(decision, results.with_balances()));
  return success();
}

Result<> create_transfers(const Decision& decision, ByteView payload) {
  const auto [options, rows] =
      KEEL_TRY(read_batch<Transfer>(payload, BatchOption::balances_in_reply));
  const std::size_t row_bytes = options.has(BatchOption::balances_in_reply)
                                    ? sizeof(TransferResultWithBalances)
                                    : sizeof(RowResult);
  return create_transfers(decision, rows, reply_rows(decision.tx, rows.size(), row_bytes));
}

std::size_t expire_transfers(const Decision& decision, std::size_t limit) {
  std::size_t emitted = 0;
  for (; emitted < limit && !decision.tx.overflowed(); ++emitted) {
    const auto due = decision.state.expiries.first();
    if (!due || due.key().expires_at > decision.context.now) break;
    const ExpiryKey key = due.key();
    decision.tx.act_for(key.tenant);
    decision.tx.emit(
        TransferExpired{.pending_id = key.id, .timestamp = decision.tx.next_timestamp()});
  }
  return emitted;
}

}  // namespace keel::ledger
