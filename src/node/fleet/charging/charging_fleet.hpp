// ChargingFleet: simulated devices that charge, session after session, each over the protocol that
// it speaks.
//
// Thread: one core of the process that measures.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/fleet/charging/charging_device.hpp"
#include "node/load/histogram.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

struct ChargingFleetResult {
  std::uint64_t sessions = 0;  // brought to their end
  std::uint64_t failed = 0;    // given up, with what `last_error` says
  std::uint64_t messages = 0;  // answered
  std::uint64_t reconnected = 0;
  Histogram latency;  // of messages
  std::string last_error;

  // Takes in what came after.
  void add(const ChargingFleetResult& later);
};

class ChargingFleet {
 public:
  // Called for each session as soon as its stop was answered.
  using Acknowledged = std::function<void(const AcknowledgedSession&)>;

  // Each session follows `plan`, with the token that was enrolled with its device.
  ChargingFleet(runtime::Core& core, SessionPlan plan, Acknowledged acknowledged)
      : core_(core), plan_(std::move(plan)), acknowledged_(std::move(acknowledged)) {}

  // Before run().
  void add(std::unique_ptr<ChargingDevice> device, std::string token) {
    members_.push_back({std::move(device), std::move(token)});
  }

  // Charges until stop() or until `wait` is called off; a session that was begun is brought to its
  // end.
  runtime::Task<> run(runtime::Wait wait);
  void stop() noexcept { stopped_ = true; }
  // What has happened since the last call.
  ChargingFleetResult take() { return std::exchange(result_, {}); }

 private:
  class Counter;
  struct Member {
    std::unique_ptr<ChargingDevice> device;
    std::string token;
  };
  static runtime::Task<> charge(ChargingFleet* fleet, Member* member, runtime::Wait wait);
  void failed(const Error& why);

  runtime::Core& core_;
  SessionPlan plan_;
  Acknowledged acknowledged_;
  std::vector<Member> members_;
  bool stopped_ = false;
  ChargingFleetResult result_;
};

}  // namespace keel::node
