// A device of a fleet that subscribes; see fleet.hpp.
#pragma once

#include <map>

#include "node/fleet/mqtt/fleet.hpp"
#include "node/fleet/mqtt/numbers_seen.hpp"

namespace keel::node {

class MqttFleet::Subscriber final : public MqttListener {
 public:
  Subscriber(MqttFleet& fleet, std::uint32_t number);

  // Connects and subscribes.
  runtime::Task<Result<>> connect(runtime::Wait wait);
  // Takes in messages until `wait` is called off; connects again when the broker cuts it.
  runtime::Task<> run(runtime::Wait wait);
  // Of what it should have got, by what has come after it.
  std::uint64_t missing() const noexcept;

 private:
  void received(const mqtt::Publish& message) override;

  MqttFleet& fleet_;
  std::uint32_t number_;
  std::string filter_;
  std::unique_ptr<MqttClient> client_;
  std::map<std::uint32_t, NumbersSeen> seen_;  // by publisher
};

}  // namespace keel::node
