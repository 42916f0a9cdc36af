// Ledger: double entry. Accounts hold debits and credits, pending and posted; a transfer moves an
// amount from one account's debit side to another's credit side; every ledger (one currency each)
// sums to zero at every moment. docs/ledger.md documents records, codes and queries.
//
// Other modules move money with post(), inside their own transaction; the node forms payloads from
// the records of requests.hpp.
//
// Ownership: owns its tables. Thread: the cell's writer. No allocation in decide() and apply() once
// the tables have grown. Bounds: LedgerOptions; a batch that might not fit is refused (overload)
// before anything is written.
#pragma once

#include <memory>

#include "kernel/module.hpp"
#include "modules/ledger/options.hpp"
#include "modules/ledger/requests.hpp"

namespace keel::ledger {

class State;

class Ledger final : public kernel::Module {
 public:
  static constexpr kernel::ModuleId kModule = ledger::kModule;

  // The undo log outlives the ledger.
  Ledger(kernel::UndoLog& undo, kernel::HashSeed seed, const LedgerOptions& options = {});
  ~Ledger() override;

  kernel::ModuleInfo info() const override;
  void needs(const kernel::Command& command, kernel::Needs& needs) const override;
  // Success is Outcome 0 whatever became of the rows: each has its own code in the reply.
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override;
  void apply(const kernel::Event& event) override;
  std::optional<Timestamp> next_due() const override;
  std::size_t expire(kernel::Transaction& tx, const kernel::Context& context,
                     std::size_t limit) const override;
  Result<> query(const kernel::Query& query, Bytes& reply) const override;
  std::span<kernel::TableBase* const> tables() override;

  // Decides transfers inside the caller's transaction, in order, chains as in a batch; one result a
  // transfer (results.size() == transfers.size(), at most kMaxBatchRows). The caller looks at the
  // codes, and rolls back to a mark of its own if it wants all of them or none.
  Result<> post(kernel::Transaction& tx, const kernel::Context& context,
                std::span<const Transfer> transfers, std::span<RowResult> results) const;

  // The same where no row may be looked up that is not in memory: in Module::expire(), and by
  // whoever knows that an id is new (it is made of secrets of its own). An id that is in memory
  // already is answered with id_already_failed, a settlement of what is no longer pending with
  // pending_transfer_not_found.
  Result<> post_new(kernel::Transaction& tx, const kernel::Context& context,
                    std::span<const Transfer> transfers, std::span<RowResult> results) const;

  // As of now; what the transaction in progress has done included.
  std::optional<Account> find_account(TenantId tenant, AccountId id) const;
  std::optional<Transfer> find_transfer(TenantId tenant, TransferId id) const;
  std::optional<TrialBalance> trial_balance(TenantId tenant, LedgerId id) const;
  // The same sums from a scan of every account: slow; what the kept sums are checked against.
  std::optional<TrialBalance> recomputed_trial_balance(TenantId tenant, LedgerId id) const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace keel::ledger
