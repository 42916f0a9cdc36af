// Mixed: the workloads and oracles of several modules as one. They share books and time.
#pragma once

#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/charging_workload.hpp"
#include "sim/torture/devices/devices_oracle.hpp"
#include "sim/torture/devices/devices_workload.hpp"
#include "sim/torture/ledger/ledger_oracle.hpp"
#include "sim/torture/ledger/ledger_workload.hpp"
#include "sim/torture/streams/streams_oracle.hpp"
#include "sim/torture/streams/streams_workload.hpp"

namespace keel::torture {

// So much of what is asked is streams' (Plan::streams), so much of the rest devices', and of that
// charging's.
class MixedWorkload final : public Workload {
 public:
  explicit MixedWorkload(const Plan& plan)
      : plan_(plan), ledger_(plan.tenants), charging_(plan), streams_(plan), devices_(plan) {}

  Ask command(sim::Random& random, Timestamp now) override {
    return drawn(random).command(random, now);
  }
  Ask query(sim::Random& random, Timestamp now) override {
    return drawn(random).query(random, now);
  }
  std::optional<Ask> next_page(const Ask& query, const Bytes& reply) override {
    return of(query).next_page(query, reply);
  }
  void answered(const Ask& ask, const Bytes& reply) override { of(ask).answered(ask, reply); }
  std::optional<Ask> duty(sim::Random& random, Timestamp now) override {
    return plan_.streams.on ? streams_.duty(random, now) : std::nullopt;
  }

 private:
  Workload& drawn(sim::Random& random);
  Workload& of(const Ask& ask);

  const Plan& plan_;
  LedgerWorkload ledger_;
  ChargingWorkload charging_;
  StreamsWorkload streams_;
  DevicesWorkload devices_;
};

// By the module of what is asked. Of what time has caused the ledger's expiries come first, then
// charging's with what they post, then those of streams, then those of devices.
class MixedOracle final : public Oracle {
 public:
  MixedOracle(const Plan& plan, Counts& counts)
      : ledger_(counts),
        charging_(ledger_, counts),
        streams_(plan.streams.options, counts),
        devices_(plan.devices.options, counts) {}

  Finding command(const Ask& ask, const Decided& decided) override;
  Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) override;
  Finding query(const Ask& ask, ByteView reply) override;
  Finding at_rest(const Rest& rest) override;
  Finding refused(const Ask& ask, const Error& error) override;

 private:
  Oracle& of(const Ask& ask);
  Finding money_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts);

  LedgerOracle ledger_;
  ChargingOracle charging_;
  StreamsOracle streams_;
  DevicesOracle devices_;
};

}  // namespace keel::torture
