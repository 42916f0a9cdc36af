// Mixed: the workloads and oracles of several modules as one. They share tenants, books and time.
#pragma once

#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/charging_workload.hpp"
#include "sim/torture/ledger/ledger_oracle.hpp"
#include "sim/torture/ledger/ledger_workload.hpp"

namespace keel::torture {

// So much of what is asked is charging's: Plan::charging.
class MixedWorkload final : public Workload {
 public:
  explicit MixedWorkload(const Plan& plan) : plan_(plan), ledger_(plan.tenants), charging_(plan) {}

  Ask command(sim::Random& random, Timestamp now) override {
    return of(random).command(random, now);
  }
  Ask query(sim::Random& random, Timestamp now) override { return of(random).query(random, now); }
  std::optional<Ask> next_page(const Ask& query, const Bytes& reply) override {
    if (query.type >> 16 != 1) return std::nullopt;
    return ledger_.next_page(query, reply);
  }
  void answered(const Ask& ask, const Bytes& reply) override { charging_.answered(ask, reply); }

 private:
  Workload& of(sim::Random& random) {
    const bool charging = plan_.charging.on && random.draw(plan_.charging.share);
    return charging ? static_cast<Workload&>(charging_) : ledger_;
  }

  const Plan& plan_;
  LedgerWorkload ledger_;
  ChargingWorkload charging_;
};

// By the module of what is asked. Of what time has caused the ledger's expiries come first.
class MixedOracle final : public Oracle {
 public:
  explicit MixedOracle(Counts& counts) : ledger_(counts), charging_(ledger_, counts) {}

  Finding command(const Ask& ask, const Decided& decided) override;
  Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) override;
  Finding query(const Ask& ask, ByteView reply) override;
  Finding at_rest(Timestamp now) override;
  Finding refused(const Ask& ask, const Error& error) override;

 private:
  Oracle& of(const Ask& ask) {
    return ask.type >> 16 == 1 ? static_cast<Oracle&>(ledger_) : charging_;
  }

  LedgerOracle ledger_;
  ChargingOracle charging_;
};

}  // namespace keel::torture
