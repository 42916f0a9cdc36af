// ChargingWorkload: an operator who sets tenants up and changes them, and stations that charge:
// they replay, lose answers, lie about time, tell what happened offline, the stop before its start,
// the same end twice in different words. Commands have the ids that servers/ocpp gives them: what a
// station keeps and says again is known by what it says.
#pragma once

#include <deque>
#include <map>

#include "modules/charging/requests.hpp"
#include "sim/torture/plan.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

class ChargingWorkload final : public Workload {
 public:
  explicit ChargingWorkload(const Plan& plan) : plan_(plan) {}

  Ask command(sim::Random& random, Timestamp now) override;
  Ask query(sim::Random& random, Timestamp now) override;
  std::optional<Ask> next_page(const Ask&, const Bytes&) override { return std::nullopt; }
  // What a station gets to know: the number of its session.
  void answered(const Ask& ask, const Bytes& reply) override;

 private:
  // A session as its station lives it.
  struct Story {
    TenantId tenant;
    std::string station;
    charging::ConnectorNumber connector;
    std::string token;
    Timestamp clock;  // the station's, of what it said last
    std::uint64_t register_wh = 0;
    charging::SessionNumber told;
    charging::StartSession start;
    CommandId start_id;
    bool start_sent = false;
    bool stopped = false;
  };

  template <typename C>
  Ask of(TenantId tenant, const C& command);
  template <typename C>
  Ask by_content(TenantId tenant, const std::string& station, const C& command);
  Ask ledger_command(TenantId tenant, kernel::CommandType type, ByteView row);

  Ask set_up(sim::Random& random, TenantId tenant, std::uint64_t step, Timestamp now);
  Ask configure(sim::Random& random, TenantId tenant);
  Ask publish(sim::Random& random, TenantId tenant, std::uint32_t tariff);
  Ask register_station(sim::Random& random, TenantId tenant, std::uint64_t number);
  Ask register_driver(sim::Random& random, TenantId tenant, std::uint64_t number);
  Ask register_token(sim::Random& random, TenantId tenant, std::uint64_t number, Timestamp now);
  Ask register_meter_key(sim::Random& random, TenantId tenant);
  Ask fund(sim::Random& random, TenantId tenant);
  Ask close_account(sim::Random& random, TenantId tenant);

  Ask start(sim::Random& random, TenantId tenant, Timestamp now);
  Ask send_start(sim::Random& random, Story& story);
  Ask readings(sim::Random& random, Story& story, Timestamp now);
  Ask stop(sim::Random& random, Story& story, Timestamp now);
  Ask status(sim::Random& random, Story& story, Timestamp now);
  Ask said_of_itself(sim::Random& random, TenantId tenant, Timestamp now);
  Ask call(sim::Random& random, TenantId tenant);
  Ask malformed(sim::Random& random, TenantId tenant);
  charging::Reading reading(sim::Random& random, Story& story, Timestamp now);
  static void pass(sim::Random& random, Story& story, Timestamp now);
  static Timestamp lie(sim::Random& random, Timestamp truth, Timestamp now);

  const Plan& plan_;
  std::uint64_t last_command_ = 0;
  std::uint64_t last_transfer_ = 0;
  std::uint64_t last_call_ = 0;
  std::uint64_t drawn_ = 0;
  std::map<TenantId, std::uint64_t> steps_;
  std::map<std::string, std::uint64_t> meters_;  // by tenant, station and connector
  std::deque<Story> stories_;
};

}  // namespace keel::torture
