// DevicesWorkload: an operator who registers, changes, blocks and removes devices, devices that
// report, take what is kept for them, come late or never, and servers that say who was there and
// what was handed out. Few devices and few members, so that all of it meets.
#pragma once

#include <deque>

#include "modules/devices/requests.hpp"
#include "sim/torture/plan.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

class DevicesWorkload final : public Workload {
 public:
  explicit DevicesWorkload(const Plan& plan) : plan_(plan) {}

  Ask command(sim::Random& random, Timestamp now) override;
  Ask query(sim::Random& random, Timestamp now) override;
  // Of the pages that go on by name.
  std::optional<Ask> next_page(const Ask& query, const Bytes& reply) override;

 private:
  struct KnownCall {
    TenantId tenant;
    devices::CallId call;
    std::string device;
  };
  template <typename C>
  Ask of(sim::Random& random, const C& command);
  template <typename Q>
  Ask asking(sim::Random& random, const Q& query);
  Ask register_device(sim::Random& random);
  Ask set_credentials(sim::Random& random);
  Ask update_twin(sim::Random& random);
  Ask see(sim::Random& random, Timestamp now);
  Ask publish(sim::Random& random);
  Ask call(sim::Random& random);
  Ask settle_call(sim::Random& random);
  KnownCall earlier(sim::Random& random) const;

  const Plan& plan_;
  std::uint64_t last_command_ = 0;
  std::uint64_t last_call_ = 0;
  std::deque<KnownCall> calls_;  // the newest ones
};

}  // namespace keel::torture
