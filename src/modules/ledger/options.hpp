// How much a cell's ledger may hold, all tenants together. Memory a row: docs/ledger.md.
#pragma once

#include <cstdint>

namespace keel::ledger {

struct LedgerOptions {
  std::uint64_t max_ledgers = 10'000;
  std::uint64_t max_accounts = 10'000'000;
  std::uint64_t max_transfers = 100'000'000;  // ids that failed for a passing reason included
};

}  // namespace keel::ledger
