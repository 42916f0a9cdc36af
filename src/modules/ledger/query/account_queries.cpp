// Queries over accounts: by ledger, code, user data, flags and time of creation.
#include "modules/ledger/query/account_walk.hpp"
#include "modules/ledger/query/queries.hpp"

namespace keel::ledger {

Result<> query_accounts(const Asked& asked, Bytes& reply) {
  const auto query = KEEL_TRY(read_record<AccountQuery>(asked.payload, "a query over accounts"));
  AccountWalk walk = KEEL_TRY(AccountWalk::begin(asked.state, asked.tenant, query));
  const std::uint32_t limit = limit_of(query.limit);
  Page<PageHeader> page(reply);
  std::uint64_t next_cursor = 0;
  for (std::size_t scanned = 0; const auto step = walk.next(); ++scanned) {
    if (page.rows() == limit || scanned == kMaxScannedRows) {
      next_cursor = step->place;
      break;
    }
    if (step->account != nullptr) page.add(step->account->account);
  }
  page.finish({.next_cursor = next_cursor});
  return success();
}

}  // namespace keel::ledger
