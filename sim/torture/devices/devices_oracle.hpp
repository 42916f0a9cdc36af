// DevicesOracle: what may come of commands, of time and of queries of devices, by hand from
// docs/devices.md; documents by modules/devices/model.
//
//   - the outcome, the reply and the one fact of each command are made again and compared whole;
//   - a version is the number of changes; every change of `desired` is kept, in order, until the
//     device takes it, or none is, for one that coalesces;
//   - a call ends once, and only who was late is believed afterwards; its end by time comes at its
//     deadline, and a day later it is forgotten;
//   - every query is answered by brute force.
#pragma once

#include <deque>
#include <map>

#include "modules/devices/model/json_model.hpp"
#include "modules/devices/options.hpp"
#include "modules/devices/queries.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

struct KnownDevice {
  devices::DeviceRegistered last;
  devices::CredentialsSet credentials;
  Timestamp created_at;
  Timestamp seen_at;
  bool connected = false;
  bool coalesce = false;
  devices::testing::TwinPartModel desired;
  devices::testing::TwinPartModel reported;
  std::uint64_t published = 0;  // of desired
  std::uint64_t kept_from = 0;
  std::deque<devices::Change> kept;

  std::uint64_t kept_bytes() const;
  void let_go(std::uint64_t up_to);
};

struct DeviceCall {
  devices::CallView view;
  Timestamp due() const;
};

// Of one tenant.
struct DevicesTenant {
  std::map<std::string, KnownDevice> devices;
  std::map<devices::CallId, DeviceCall> calls;
};

class DevicesOracle final : public Oracle {
 public:
  // Counts what was met, as "devices command 4: changes_full".
  DevicesOracle(const devices::DevicesOptions& options, Counts& counts)
      : options_(options), counts_(counts) {}

  Finding command(const Ask& ask, const Decided& decided) override;
  Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) override;
  Finding query(const Ask& ask, ByteView reply) override;
  Finding at_rest(const Rest& rest) override;
  Finding refused(const Ask& ask, const Error& error) override;

  // Everything that is to be met, at zero.
  static void declare(Counts& counts);

 private:
  struct Expected {
    devices::OutcomeCode code{};
    Bytes reply;
    std::uint32_t fact_type = 0;  // 0: there is none
    Bytes fact;
    bool malformed = false;  // it should have been an Error
  };
  template <typename E>
  static void fact(Expected& expected, const E& event);

  Expected expect(const devices::RegisterDevice& asked);
  Expected expect(const devices::SetCredentials& asked);
  Expected expect(const devices::RemoveDevice& asked);
  Expected expect(const devices::UpdateTwin& asked);
  Expected expect(const devices::TakeChanges& asked);
  Expected expect(const devices::SeeDevices& asked);
  Expected expect(const devices::PublishTwins& asked);
  Expected expect(const devices::CallMethod& asked);
  Expected expect(const devices::SendCall& asked);
  Expected expect(const devices::EndCall& asked);
  std::optional<Expected> expect(const Ask& ask);

  KnownDevice* find(const std::string& device);
  std::size_t rows_of_all(bool calls) const;
  std::optional<Timestamp> pass(const Fact& fact, Timestamp now);
  Timestamp next_due() const;

  devices::DevicesOptions options_;
  Counts& counts_;
  std::map<TenantId, DevicesTenant> tenants_;
  DevicesTenant* tenant_ = nullptr;  // of what is judged
  const Ask* ask_ = nullptr;
  Timestamp now_;
};

// The answer to a query over what the tenant has; nullopt: it is malformed.
std::optional<Bytes> answer_by_hand(const DevicesTenant& tenant, const Ask& ask);

// What has the form that docs/devices.md wants; of commands whatever the state.
bool is_well_formed(const devices::RegisterDevice& asked);
bool is_well_formed(const devices::SetCredentials& asked);
bool is_name(const std::string& text, std::size_t most = devices::kMaxShortText);

}  // namespace keel::torture
