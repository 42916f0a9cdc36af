// A device of a fleet that publishes; see fleet.hpp.
#pragma once

#include <map>

#include "node/fleet/mqtt/fleet.hpp"

namespace keel::node {

class MqttFleet::Publisher final : public MqttListener {
 public:
  Publisher(MqttFleet& fleet, std::uint32_t number);

  runtime::Task<Result<>> connect(runtime::Wait wait);
  // Publishes until the fleet stops, then waits at most `drain` for what is unacknowledged.
  runtime::Task<> run(Duration drain, runtime::Wait wait);
  std::uint64_t published() const noexcept { return next_number_; }

 private:
  void delivered(mqtt::DeliveryTag tag, mqtt::Reason reason) override;

  // One connection's life. True: it was cut on purpose and another one is to follow.
  runtime::Task<bool> send_until_cut(runtime::Wait wait);
  runtime::Task<> drain(Duration at_most, runtime::Wait wait);
  runtime::Task<> part(Duration at_most, runtime::Wait wait);
  runtime::Task<bool> reconnect(runtime::Wait wait);
  // What was not acknowledged when the connection went is published once more.
  runtime::Task<Result<>> publish_again(runtime::Wait wait);
  void write(std::uint64_t number, Timestamp due);  // into payload_
  bool publish(std::uint64_t number, Timestamp due);

  MqttFleet& fleet_;
  std::uint32_t number_;
  std::string topic_;
  std::unique_ptr<MqttClient> client_;
  runtime::Notification all_acknowledged_;
  Bytes payload_;
  std::uint64_t next_number_ = 0;
  std::map<std::uint64_t, Timestamp> unacknowledged_;  // when each was due; bounded by the window
};

}  // namespace keel::node
