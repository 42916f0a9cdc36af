// Receipts: the receipts of a cell's sessions, in a running node. It follows the cell's history
// with a projection, finds the record of a session's bill, proves it and signs.
//
// Thread: the client's core, which reads the journal's files itself. Lifetime: what it is given
// outlives it; run() to its end before destruction.
#pragma once

#include <optional>
#include <string>

#include "engine/requests/client.hpp"
#include "node/access/head_key.hpp"
#include "node/receipts/receipt.hpp"
#include "node/receipts/session_positions.hpp"

namespace keel::node {

class Receipts {
 public:
  struct Parts {
    engine::CellClient& client;
    PrincipalId principal;          // who reads; the authorizer must allow it
    std::string journal_directory;  // of the cell
    std::string directory;          // the projection's own
    std::string durability;         // as the journal names it
    HeadKey* key = nullptr;         // null: kNoSigner
  };
  explicit Receipts(Parts parts);

  // Follows the history until the wait is over.
  runtime::Task<> run(runtime::Wait wait);

  struct Wanted {
    TenantId tenant;
    charging::SessionNumber session;
    std::uint32_t version = 0;  // of the bill; 0: the newest
  };
  // kNoReceipt; kReceiptsBehind: the projection does not come so far in time; kNoSigner; those of
  // the cell and of the journal's files.
  runtime::Task<Result<Receipt>> receipt(Wanted wanted, runtime::Wait wait);

  const engine::ProjectionStatistics& statistics() const noexcept [[clang::lifetimebound]] {
    return runner_.statistics();
  }

 private:
  runtime::Task<Result<>> look_at_end(runtime::Wait wait);
  // The newest version of the session's bill; it is in the output when this has ended.
  runtime::Task<Result<std::uint32_t>> newest_version(Wanted wanted, runtime::Wait wait);
  runtime::Task<Result<journal::InclusionProof>> find(Wanted wanted);

  Parts parts_;
  SessionPositions positions_;
  engine::ProjectionRunner runner_;
};

}  // namespace keel::node
