#include "servers/devices/device_service.hpp"

namespace keel::servers {

using mqtt::Reason;
using runtime::Task;

DeviceService::DeviceService(broker::Broker& broker, DeviceCell cell,
                             const DeviceServiceOptions& options)
    : broker_(broker),
      cell_(cell),
      options_(options),
      work_(cell.core()),
      suspects_(options.coming_in) {}

Task<Result<Reason>> DeviceService::handle(broker::HandledMessage message, runtime::Wait wait) {
  const std::optional<DevicePlace> place = device_place_of(message.topic);
  if (!place) co_return Reason::topic_name_invalid;
  std::string device(place->device);
  if (message.user == device) saw(device);
  std::string json(as_text(message.payload));
  const std::string_view what = place->rest;
  if (what == "twin/get") co_return co_await get(device, json, wait);
  if (what == "twin/update") co_return co_await update(device, json, wait);
  if (what == "twin/changes/get") co_return co_await get_changes(device, json, wait);
  if (what == "twin/changes/take") co_return co_await take_changes(device, json, wait);
  const std::optional<devices::CallId> call = call_of_response(what);
  if (call) co_return co_await end_call(*call, device, json, wait);
  co_return Reason::topic_name_invalid;
}

void DeviceService::came(std::string_view user) {
  if (user.empty()) return;
  const auto known = connections_.find(user);
  if (known == connections_.end()) {
    connections_.emplace(user, 1);
  } else {
    ++known->second;
  }
  saw(user);
  if (suspects_.hurry(user, cell_.core().now())) work_.set();
}

void DeviceService::went(std::string_view user) {
  const auto known = connections_.find(user);
  if (known == connections_.end()) return;
  if (--known->second == 0) connections_.erase(known);
  saw(user);
}

void DeviceService::saw(std::string_view device) {
  const Seen seen{.at = cell_.core().clock().wall(), .connected = connections_.contains(device)};
  const auto known = to_record_.find(device);
  if (known == to_record_.end()) {
    to_record_.emplace(device, seen);
  } else {
    known->second = seen;
  }
}

void DeviceService::look(const kernel::Command& command) {
  std::string device;
  if (command.type == devices::RegisterDevice::kType) {
    const auto asked = decode<devices::RegisterDevice>(command.payload);
    if (asked.ok() && asked->blocked) device = asked->device;
  } else if (command.type == devices::RemoveDevice::kType) {
    const auto asked = decode<devices::RemoveDevice>(command.payload);
    if (asked.ok()) device = asked->device;
  }
  if (!device.empty()) suspects_.add(device, cell_.core().now());
  work_.set();
}

Task<> DeviceService::run(runtime::Wait wait) {
  runtime::Core& core = cell_.core();
  bool is_first = true;
  for (;;) {
    work_.reset();
    Result<> done = success();
    if (is_first) done = co_await find_gone(wait);
    if (done.ok()) is_first = false;
    if (done.ok()) done = co_await end_barred(wait);
    if (done.ok()) done = co_await hand_out(wait);
    if (done.ok()) done = co_await send_calls(wait);
    if (done.ok()) done = co_await record_presence(wait);
    if (wait.cancellation != nullptr && wait.cancellation->requested()) break;
    if (!done.ok()) {
      if (!(co_await core.sleep_until(core.now() + options_.retry_after, wait)).ok()) break;
      continue;
    }
    static_cast<void>(co_await work_.wait(wait.until(core.now() + options_.presence_period)));
    if (wait.cancellation != nullptr && wait.cancellation->requested()) break;
  }
  static_cast<void>(co_await record_presence({}));
}

}  // namespace keel::servers
