// What requests say about the accounts and transfers that they want, from their parameters.
#pragma once

#include "modules/ledger/requests.hpp"
#include "servers/api/parameters.hpp"

namespace keel::servers {

// A page is made on the cell's core and becomes JSON of some 300 bytes a row.
inline constexpr std::uint64_t kLargestPage = 1'000;
inline constexpr std::uint64_t kUsualPage = 100;

// ledger code user_data_128 user_data_64 user_data_32 flags
Result<ledger::AccountQuery> read_account_filter(Parameters& parameters);
// The same, from to order limit cursor.
Result<ledger::AccountQuery> read_account_query(Parameters& parameters);
// account debit_account credit_account ledger code user_data_128 user_data_64 user_data_32 from to
// order limit cursor
Result<ledger::TransferQuery> read_transfer_query(Parameters& parameters);
// The ledger in the path.
Result<ledger::LedgerId> read_path_ledger(const Parameters& parameters);

}  // namespace keel::servers
