// Queries over transfers: by account, ledger, code, user data, time and what they have in common.
#include "modules/ledger/query/plan.hpp"
#include "modules/ledger/query/queries.hpp"

namespace keel::ledger {
namespace {

Result<TransferQuery> read_query(ByteView payload) {
  const auto query = KEEL_TRY(read_record<TransferQuery>(payload, "a query over transfers"));
  if ((query.flags.bits() & ~QueryFlags(QueryFlag::newest_first).bits()) != 0 ||
      query.reserved != decltype(query.reserved){}) {
    return Error(kBadFilter, "reserved bits of the query are not zero");
  }
  return query;
}

template <typename T>
bool agrees(const T& asked, const T& with) {
  return asked == T{} || asked == with;
}

bool matches(const TransferQuery& query, const Period& period, const Transfer& transfer) {
  return (query.account.is_zero() || query.account == transfer.debit_account ||
          query.account == transfer.credit_account) &&
         agrees(query.debit_account, transfer.debit_account) &&
         agrees(query.credit_account, transfer.credit_account) &&
         agrees(query.user_data_128, transfer.user_data_128) &&
         agrees(query.user_data_64, transfer.user_data_64) &&
         agrees(query.user_data_32, transfer.user_data_32) &&
         agrees(query.ledger, transfer.ledger) && agrees(query.code, transfer.code) &&
         period.contains(transfer.timestamp);
}

// Within a ledger times ascend: behind one that is past the period nothing is in it.
bool is_past(const TransferQuery& query, const Period& period, const Transfer& transfer) {
  if (query.ledger.is_zero() || transfer.ledger != query.ledger) return false;
  return query.flags.has(QueryFlag::newest_first) ? transfer.timestamp < period.first
                                                  : transfer.timestamp > period.last;
}

}  // namespace

Result<> query_transfers(const Asked& asked, Bytes& reply) {
  const TransferQuery query = KEEL_TRY(read_query(asked.payload));
  const Period period = KEEL_TRY(read_period(query.from, query.to));
  const std::uint32_t limit = limit_of(query.limit);
  const TransferPlan planned = KEEL_TRY(plan(asked.state, asked.tenant, query, period));
  Page<PageHeader> page(reply);
  if (planned.candidates == nullptr) return success();
  std::uint64_t next_cursor = 0;
  for (std::size_t scanned = 0; const auto candidate = planned.candidates->next(); ++scanned) {
    if (page.rows() == limit || scanned == kMaxScannedRows || asked.state.cold_work_done()) {
      next_cursor = TransferCursor{planned.list, candidate->place}.encoded();
      break;
    }
    if (candidate->transfer != nullptr && is_past(query, period, *candidate->transfer)) break;
    if (candidate->transfer != nullptr && matches(query, period, *candidate->transfer)) {
      page.add(*candidate->transfer);
    }
  }
  page.finish({.next_cursor = next_cursor});
  return success();
}

}  // namespace keel::ledger
