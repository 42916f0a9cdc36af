// One charging session, from a device's socket to its bill, told line by line.
#pragma once

#include "node/client/http_client.hpp"
#include "node/fleet/charging/charging_device.hpp"

namespace keel::node {

// Who tells it.
struct StoryDevice {
  std::string protocol;  // "OCPP 1.6-J"
  std::string station;
  std::string token;
};

// Connects the device, lets it charge once, and prints each step with how long it took until it was
// durable, then the bill as the node has it. The device stays connected. Errors of the device, and
// of the node's API.
runtime::Task<Result<>> tell_charging_story(HttpClient* node, ChargingDevice* device,
                                            const StoryDevice* who, runtime::Wait wait);

}  // namespace keel::node
