// MqttClient: one MQTT connection of a simulated device, over a plain socket or over TLS. The
// protocol is wire/mqtt's client; this is its socket and its clock.
//
// One task receives (run()), others publish and flush() as they like. Thread: one core. Lifetime:
// run() has ended before it dies; the listener outlives it.
#pragma once

#include <memory>
#include <string>

#include "runtime/core.hpp"
#include "runtime/sync/notification.hpp"
#include "runtime/tls/connection.hpp"
#include "wire/mqtt/connection/client_connection.hpp"

namespace keel::node {

// Hears what comes; called by run().
class MqttListener {
 public:
  // A message; it is acknowledged when this returns.
  virtual void received(const mqtt::Publish& message) { static_cast<void>(message); }
  // A message of QoS 1 or 2 of this client is acknowledged for good, or refused.
  virtual void delivered(mqtt::DeliveryTag tag, mqtt::Reason reason) {
    static_cast<void>(tag), static_cast<void>(reason);
  }

 protected:
  ~MqttListener() = default;
};

struct MqttClientOptions {
  runtime::Endpoint broker;
  mqtt::Version version = mqtt::Version::v3_1_1;
  std::string client_id;
  std::string user_name;  // empty: none, and no password
  std::string password;
  bool clean_start = true;
  std::uint16_t keep_alive_s = 60;
  Duration read_pause;               // between two reads: a slow reader
  std::uint16_t window = 20;         // messages of QoS 1 and 2 unacknowledged at once
  runtime::TlsContext::Pointer tls;  // null: without; the broker proves to be `tls_host`
  std::string tls_host = "localhost";
};

class MqttClient {
 public:
  MqttClient(runtime::Core& core, MqttClientOptions options, MqttListener& listener);

  // Connects and is let in. `session` is what an earlier connection of this client left. kNotLetIn
  // with the broker's reason; those of the network.
  runtime::Task<Result<>> open(mqtt::SessionState session, runtime::Wait wait);
  // Subscribes and waits for the answer; run() must not have begun. kRefused.
  runtime::Task<Result<>> subscribe(std::string_view filter, mqtt::Qos qos, runtime::Wait wait);
  // Receives until the connection ends or `wait` is called off; pings when it is time to. Why it
  // ended.
  runtime::Task<Error> run(runtime::Wait wait);
  // One step of it, for a task that does nothing else meanwhile: takes in what comes next; what it
  // has to say to that waits for flush(). False: the connection has ended.
  runtime::Task<Result<bool>> receive(runtime::Wait wait);
  // Sends what the link has to say. While one caller sends, others return at once and it goes on
  // for them.
  runtime::Task<Result<>> flush(runtime::Wait wait);

  // False: nothing was sent, the window is full (see room()) or the connection is gone.
  bool publish(std::string_view topic, ByteView payload, mqtt::Qos qos, mqtt::DeliveryTag tag);
  // Sends a message that an earlier connection left under way, as the session asks for. False: it
  // is not under way.
  bool resend(mqtt::DeliveryTag tag, std::string_view topic, ByteView payload);
  // Set while the broker takes another message of QoS 1 or 2.
  runtime::Notification& room() noexcept { return room_; }
  mqtt::SessionState session_state() const { return link_.session_state(); }
  bool session_present() const noexcept { return session_present_; }

  // The orderly end: DISCONNECT is the next thing to flush().
  void disconnect() { link_.disconnect(mqtt::Reason::success); }
  // The other end: the connection is gone.
  void cut() noexcept;

 private:
  bool handle(const mqtt::Event& event);

  runtime::Core& core_;
  MqttClientOptions options_;
  MqttListener& listener_;
  mqtt::ClientConnection link_;
  runtime::TlsStats tls_stats_;
  std::unique_ptr<runtime::Connection> connection_;
  runtime::Notification room_;
  std::optional<mqtt::Reason> answer_;  // to CONNECT, or to a SUBSCRIBE
  Timestamp last_sent_;
  bool session_present_ = false;
  bool sending_ = false;
};

}  // namespace keel::node
