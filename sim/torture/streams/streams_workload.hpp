// StreamsWorkload: clients of a broker that come, go and are cut, and the broker that records what
// they do: packet ids that come again, entries settled twice or never, sessions taken over, wills
// and retained messages, queues that are full, and now and then a batch that is none.
//
// To let further commands of the module join: draw their operations in command() and say in
// asked_batch.hpp and streams_oracle.hpp what must come of them.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "modules/streams/payload/batch_writer.hpp"
#include "sim/torture/plan.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

class StreamsWorkload final : public Workload {
 public:
  explicit StreamsWorkload(const Plan& plan) : plan_(plan) {}

  Ask command(sim::Random& random, Timestamp now) override;
  Ask query(sim::Random& random, Timestamp now) override;
  std::optional<Ask> next_page(const Ask& query, const Bytes& reply) override;
  void answered(const Ask& ask, const Bytes& reply) override;
  // A broker publishes every will that is due: as it finds them listed.
  std::optional<Ask> duty(sim::Random& random, Timestamp now) override;

 private:
  // A client, as far as its broker has been told.
  struct Client {
    TenantId tenant;
    std::string id;
    streams::SessionNumber session;
    std::uint64_t epoch = 0;
    std::deque<streams::EntryNumber> entries;  // to be settled
  };
  // A will that a broker has been told of.
  struct KnownWill {
    TenantId tenant;
    streams::SessionNumber session;
    Timestamp due_at;
  };

  Client& one(sim::Random& random, TenantId tenant);
  streams::SessionNumber session(sim::Random& random, const Client& client) const;
  void add_op(sim::Random& random, TenantId tenant, streams::BatchWriter& batch);
  void add_open(sim::Random& random, const Client& client, streams::BatchWriter& batch);
  void add_close(sim::Random& random, const Client& client, streams::BatchWriter& batch);
  void add_filter(sim::Random& random, const Client& client, streams::BatchWriter& batch);
  void add_settling(sim::Random& random, Client& client, streams::BatchWriter& batch);
  void add_publish(sim::Random& random, const Client& client, streams::BatchWriter& batch);
  void add_will(sim::Random& random, const Client& client, streams::BatchWriter& batch);
  Ask ask(sim::Random& random, TenantId tenant, kernel::CommandType type, ByteView payload);
  void learn(const Ask& ask, const Bytes& reply);
  TenantId tenant(sim::Random& random) const;
  static Ask list_wills(TenantId tenant);

  const Plan& plan_;
  std::uint64_t last_command_ = 0;
  std::map<TenantId, std::deque<Client>> clients_;
  std::uint64_t last_session_ = 1;
  std::deque<KnownWill> wills_;  // of the newest lists
  // Of the duty: whose wills are to be listed yet, and what was found.
  std::optional<std::set<TenantId>> to_list_;
  std::deque<KnownWill> due_;
  std::set<std::uint64_t> done_;
};

}  // namespace keel::torture
