// What each command of the ledger decides. The payloads are documented in requests.hpp; each call
// appends a result a row to the transaction's reply. Private to this folder.
#pragma once

#include "kernel/command.hpp"
#include "modules/ledger/decide/batch.hpp"
#include "modules/ledger/state/state.hpp"

namespace keel::ledger {

// What a decision works with; all of it outlives the decision.
struct Decision {
  const State& state;
  kernel::Transaction& tx;
  const kernel::Context& context;
  bool hot_only = false;  // Candidate::hot_only

  TenantId tenant() const { return tx.tenant(); }
};

Result<> open_ledgers(const Decision& decision, ByteView payload);
Result<> create_accounts(const Decision& decision, ByteView payload);
Result<> set_credit_limits(const Decision& decision, ByteView payload);
Result<> create_transfers(const Decision& decision, ByteView payload);

// The same for rows and answers that lie elsewhere. kTransfersFull: nothing was decided.
Result<> create_transfers(const Decision& decision, PackedRows<Transfer> rows, ResultRows results);

// Emits TransferExpired for what was due at or before context.now; at most `limit`.
std::size_t expire_transfers(const Decision& decision, std::size_t limit);

}  // namespace keel::ledger
