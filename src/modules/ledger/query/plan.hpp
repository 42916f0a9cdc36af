// Which list of transfers a query goes through: the one place where that is decided. A query's
// cursor names the list that its first page took, so that the pages after it go on in the same one.
// Private to this folder.
#pragma once

#include "modules/ledger/query/candidates.hpp"
#include "modules/ledger/query/page.hpp"

namespace keel::ledger {

// The numbers stand in cursors and are never reused.
enum class ListOf : std::uint8_t {
  account = 1,
  debit_account = 2,
  credit_account = 3,
  everything = 4,
  user_data_128 = 5,
  user_data_64 = 6,
  user_data_32 = 7,
  code = 8,
};

struct TransferCursor {
  ListOf list = ListOf::everything;
  std::uint64_t place = 0;

  std::uint64_t encoded() const noexcept;
};

struct TransferPlan {
  ListOf list = ListOf::everything;
  std::unique_ptr<Candidates> candidates;  // null: nothing can match
};

// Takes the shortest list that holds all that may match. kBadFilter: the cursor is not of this
// query.
Result<TransferPlan> plan(const State& state, TenantId tenant, const TransferQuery& query,
                          const Period& period);

}  // namespace keel::ledger
