// LedgerWorkload: draws commands and queries of the ledger. Few accounts and small numbers, so that
// rows meet one another; every flag, chains, repeats, and now and then each kind of fault.
#pragma once

#include <deque>
#include <map>

#include "modules/ledger/requests.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

class LedgerWorkload final : public Workload {
 public:
  explicit LedgerWorkload(std::uint32_t tenants) : tenants_(tenants) {}

  Ask command(sim::Random& random, Timestamp now) override;
  Ask query(sim::Random& random, Timestamp now) override;
  std::optional<Ask> next_page(const Ask& query, const Bytes& reply) override;

 private:
  Bytes open_ledgers(sim::Random& random);
  Bytes create_accounts(sim::Random& random, Timestamp now, TenantId tenant);
  Bytes set_credit_limits(sim::Random& random);
  Bytes create_transfers(sim::Random& random, Timestamp now);
  ledger::Transfer transfer(sim::Random& random, Timestamp now);
  ledger::TransferId earlier(sim::Random& random) const;
  ledger::TransferId to_settle(sim::Random& random, Timestamp now);
  static Ask ask(sim::Random& random, TenantId tenant, Bytes payload);

  std::uint32_t tenants_;
  std::uint64_t last_command_ = 0;
  std::uint64_t last_transfer_ = 0;
  std::map<TenantId, std::uint64_t> last_account_;
  std::optional<ledger::Transfer> imported_;  // the newest one
  struct Timed {
    ledger::TransferId id;
    Timestamp due;
  };
  std::deque<Timed> timed_;            // pending transfers with a timeout
  std::deque<ledger::Transfer> sent_;  // the newest ones, to be sent again
};

}  // namespace keel::torture
