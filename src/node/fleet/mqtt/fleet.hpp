// MqttFleet: simulated devices that publish and subscribe through any MQTT broker, and what became
// of every message.
//
// Each message carries when it was to be sent, by whom, and its number, so that a subscriber knows
// its latency (on this process's clock), what is missing and what came twice. With a rate the load
// is open: latency counts from the moment at which a message was to be sent, whether or not the
// device was ready then (coordinated omission corrected). Without one a device sends as fast as its
// window and its socket let it.
//
// Thread: one core of the process that measures.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/fleet/mqtt/mqtt_client.hpp"
#include "node/fleet/mqtt/stamp.hpp"
#include "node/load/histogram.hpp"
#include "node/load/slots.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

struct MqttFleetOptions {
  runtime::Endpoint broker;
  mqtt::Version version = mqtt::Version::v3_1_1;
  std::string user_name;
  std::string password;
  std::uint32_t publishers = 1;
  std::uint32_t subscribers = 1;
  std::uint32_t idle = 0;  // connections that do nothing but keep alive
  // Topics are "<prefix>/<n>", n below this; publisher p takes p % topics. Subscriber s takes topic
  // s % topics, or all with every_topic: 1:1 pairs are as many of each; fan-out is one topic;
  // fan-in is one subscriber to every topic.
  std::uint32_t topics = 1;
  bool every_topic = false;
  std::string prefix = "fleet";
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  std::uint32_t payload_bytes = 128;  // at least kStampBytes
  std::uint64_t rate = 0;     // messages a second, all publishers together; 0: as fast as may be
  std::uint32_t burst = 16;   // messages that a device sends at once when there is no rate
  std::uint16_t window = 20;  // of QoS 1 and 2 unacknowledged, for each device
  bool persistent = false;    // sessions outlive their connections (not clean)
  runtime::TlsContext::Pointer tls;  // null: without TLS
  // Faults.
  std::uint32_t cut_every =
      0;  // a publisher's connection is cut after so many messages, and made again; 0: never
  bool slow_readers = false;  // subscribers wait a second between two reads
};

// kBadFleet, with what is wrong.
Result<> check(const MqttFleetOptions& options);

struct MqttFleetResult {
  std::uint64_t published = 0;     // handed to a socket
  std::uint64_t acknowledged = 0;  // QoS 1 and 2
  std::uint64_t refused = 0;       // acknowledged with a failure
  std::uint64_t delivered = 0;     // to subscribers, those that came twice not counted
  std::uint64_t repeated = 0;      // came once more
  std::uint64_t missing = 0;       // numbers passed over, at the end not made up for
  std::uint64_t foreign = 0;       // not of this run
  std::uint64_t reconnected = 0;
  std::uint64_t lost_connections = 0;  // that nobody here cut
  Histogram acknowledge_latency;
  Histogram deliver_latency;
};

class MqttFleet {
 public:
  // `run_id` tells this run's messages from those of others.
  MqttFleet(runtime::Core& core, MqttFleetOptions options, std::uint32_t run_id);
  ~MqttFleet();

  // Connects everybody. The first error ends it.
  runtime::Task<Result<>> connect(runtime::Wait wait);
  // Publishes until stop(), or until `wait` is called off, then takes in what is under way for at
  // most `drain`.
  runtime::Task<> run(Duration drain, runtime::Wait wait);
  void stop() noexcept { stopped_ = true; }

  // What has happened since the last call; what is missing is known at the end only.
  MqttFleetResult take() noexcept { return std::exchange(result_, {}); }
  std::uint64_t missing() const noexcept;

 private:
  class Publisher;
  class Subscriber;
  class Idler;

  std::string topic(std::uint32_t number) const;
  std::uint64_t published_by(std::uint32_t publisher) const noexcept;
  MqttClientOptions client(std::string_view role, std::uint32_t number) const;
  static runtime::Task<> keep_idle(MqttFleet* fleet, std::uint32_t number, runtime::Wait wait);

  runtime::Core& core_;
  MqttFleetOptions options_;
  std::uint32_t run_id_;
  Slots slots_;
  bool stopped_ = false;
  MqttFleetResult result_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Idler>> idlers_;
};

}  // namespace keel::node
