// DeviceService: devices behind the MQTT broker. It takes what is published to $keel/devices/ID/…,
// makes it durable in the cell, and answers; it hands out what an operator has changed, and calls
// methods; it records who is there, now and then.
//
// Thread: the broker's core. Lifetime: broker and cell outlive it; run() ends before it dies, and
// before the broker's run() does. Bounds: what waits to be handed out waits in the module; who is
// to be recorded is one entry a device, who may be barred one for as long as coming in takes. A
// turn asks about so many of them that twins and calls do not wait for a large number.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "runtime/sync/notification.hpp"
#include "servers/devices/device_cell.hpp"
#include "servers/devices/messages.hpp"
#include "servers/devices/suspects.hpp"
#include "servers/mqtt/broker/broker.hpp"
#include "servers/mqtt/broker/topic_handler.hpp"

namespace keel::servers {

struct DeviceServiceOptions {
  Duration presence_period = Duration::seconds(5);  // how often it is recorded who is there
  Duration retry_after = Duration::milliseconds(500);
  // Longer than it takes a client to come in: for so long whoever may have been barred is watched,
  // because its proof may have been looked at before.
  Duration coming_in = Duration::seconds(40);
  // Ends the connections of a device that is blocked or removed; empty: they stand.
  std::function<void(std::string_view device)> end_connections{};
};

class DeviceService final : public broker::TopicHandler {
 public:
  DeviceService(broker::Broker& broker, DeviceCell cell, const DeviceServiceOptions& options = {});

  bool takes(std::string_view topic) const noexcept override {
    return topic.starts_with(kDeviceTopics);
  }
  runtime::Task<Result<mqtt::Reason>> handle(broker::HandledMessage message,
                                             runtime::Wait wait) override;
  void came(std::string_view user) override;
  void went(std::string_view user) override;

  // A command has changed something that may have to be handed out, or bars a device.
  void look(const kernel::Command& command);
  // Hands out until it is called off; then records that nobody is there any more.
  runtime::Task<> run(runtime::Wait wait) override;

 private:
  struct Seen {
    Timestamp at{};
    bool connected = false;
  };

  // device_messages.cpp
  runtime::Task<mqtt::Reason> get(std::string device, std::string json, runtime::Wait wait);
  runtime::Task<mqtt::Reason> update(std::string device, std::string json, runtime::Wait wait);
  runtime::Task<mqtt::Reason> get_changes(std::string device, std::string json, runtime::Wait wait);
  runtime::Task<mqtt::Reason> take_changes(std::string device, std::string json,
                                           runtime::Wait wait);
  runtime::Task<mqtt::Reason> end_call(devices::CallId call, std::string device, std::string json,
                                       runtime::Wait wait);
  mqtt::Reason reject(const std::string& device, std::string_view request, const Error& error,
                      const DeviceRequest& of);
  mqtt::Reason reject(const std::string& device, std::string_view request,
                      devices::OutcomeCode outcome, const DeviceRequest& of);
  void say(std::string_view device, std::string_view rest, std::string_view json,
           broker::Awaited* own = nullptr);

  // device_outbox.cpp
  runtime::Task<Result<>> hand_out(runtime::Wait wait);
  runtime::Task<Result<>> hand_out_twin(devices::PublishTwins::Published from,
                                        devices::PublishTwins* done, runtime::Wait wait);
  runtime::Task<Result<devices::TwinVersion>> say_changes(std::string device,
                                                          devices::TwinVersion version,
                                                          broker::Awaited* awaited,
                                                          runtime::Wait wait);
  runtime::Task<Result<>> send_calls(runtime::Wait wait);
  runtime::Task<Result<>> send_call(devices::CallView call, runtime::Wait wait);
  runtime::Task<Result<>> record_presence(runtime::Wait wait);
  runtime::Task<Result<>> find_gone(runtime::Wait wait);
  runtime::Task<Result<>> end_barred(runtime::Wait wait);
  void saw(std::string_view device);

  broker::Broker& broker_;
  DeviceCell cell_;
  DeviceServiceOptions options_;
  runtime::Notification work_;
  std::map<std::string, std::uint32_t, std::less<>> connections_;  // by user, one or more
  std::map<std::string, Seen, std::less<>> to_record_;
  Suspects suspects_;
};

}  // namespace keel::servers
