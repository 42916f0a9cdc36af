// What is handed out: changes of twins, calls of methods; and who is there.
#include <algorithm>

#include "runtime/errors.hpp"
#include "servers/devices/device_service.hpp"

namespace keel::servers {

using devices::CallView;
using devices::PublishTwins;
using runtime::Task;
using runtime::Wait;

namespace {

// Devices whose changes are handed out before it is recorded that they are.
constexpr std::uint32_t kPage = 64;
// Devices that may have been barred and are asked about in a turn; those that are looked through.
constexpr std::uint32_t kMostAsked = 64;
constexpr std::uint32_t kMostTaken = 1'000;

Task<> wait_for(broker::Awaited* awaited) {
  while (awaited->left > 0) static_cast<void>(co_await awaited->waiting.wait({}));
}

}  // namespace

Task<Result<>> DeviceService::hand_out(Wait wait) {
  for (std::string after;;) {
    const auto page = KEEL_CO_TRY(
        co_await cell_.ask(devices::ListUnpublished{.after = after, .limit = kPage}, wait));
    PublishTwins done;
    for (const PublishTwins::Published& each : page.devices)
      KEEL_CO_TRY(co_await hand_out_twin(each, &done, wait));
    if (!done.devices.empty()) KEEL_CO_TRY(co_await cell_.command(std::move(done), wait));
    if (page.next.empty()) co_return success();
    after = page.next;
  }
}

// Ends when what was said is durable in the queues of those who sleep, whatever else happens: what
// is under way refers to this frame.
Task<Result<>> DeviceService::hand_out_twin(PublishTwins::Published from, PublishTwins* done,
                                            Wait wait) {
  broker::Awaited awaited(cell_.core());
  const Result<devices::TwinVersion> version =
      co_await say_changes(from.device, from.version, &awaited, wait);
  co_await wait_for(&awaited);
  if (!version.ok()) co_return version.error();
  // Some of it is in no queue: it is handed out again.
  if (awaited.failed) co_return Error(runtime::kCancelled, "the broker did not take a change");
  if (*version > from.version)
    done->devices.push_back({.device = from.device, .version = *version});
  co_return success();
}

// The version up to which everything has been said.
Task<Result<devices::TwinVersion>> DeviceService::say_changes(std::string device,
                                                              devices::TwinVersion version,
                                                              broker::Awaited* awaited, Wait wait) {
  for (bool more = true; more;) {
    const auto changes = KEEL_CO_TRY(
        co_await cell_.ask(devices::ListChanges{.device = device, .after = version}, wait));
    for (const devices::Change& change : changes.changes) {
      say(device, "twin/changes", write_change(change), awaited);
      version = change.version;
    }
    // What is not kept any more the device has taken, or does not want one by one.
    if (changes.changes.empty()) version = std::max(version, changes.version);
    more = changes.more;
    if (awaited->left >= kPage) co_await wait_for(awaited);
  }
  const auto twin = KEEL_CO_TRY(co_await cell_.ask(devices::GetTwin{.device = device}, wait));
  if (!twin.found) co_return version;
  if (twin.delta != "{}") say(device, "twin/update/delta", write_delta(twin), awaited);
  say(device, "twin/update/documents", write_twin(twin, {}), awaited);
  co_return version;
}

Task<Result<>> DeviceService::send_calls(Wait wait) {
  devices::ListOpenCalls page;
  for (bool more = true; more;) {
    const auto open = KEEL_CO_TRY(co_await cell_.ask(page, wait));
    for (const CallView& call : open.calls) {
      page.after_time = call.requested_at;
      page.after = call.call;
      if (call.sent_at == Timestamp{}) KEEL_CO_TRY(co_await send_call(call, wait));
    }
    more = open.more;
  }
  co_return success();
}

// First it is recorded, then sent: at most once.
Task<Result<>> DeviceService::send_call(CallView call, Wait wait) {
  const std::string topic = request_topic(call);
  if (broker_.listeners(topic) == 0) {
    KEEL_CO_TRY(co_await cell_.command(
        devices::EndCall{
            .call = call.call, .device = call.device, .result = devices::CallResult::not_sent},
        wait));
    co_return success();
  }
  const auto sent = KEEL_CO_TRY(co_await cell_.command(devices::SendCall{.call = call.call}, wait));
  if (sent.outcome != devices::OutcomeCode::done) co_return success();
  const Duration left = call.deadline - cell_.core().clock().wall();
  const std::int64_t seconds = std::max<std::int64_t>(1, left.ns / 1'000'000'000);
  const std::string json = write_method(call);
  broker_.publish_own(topic, as_bytes(json), static_cast<std::uint32_t>(seconds));
  co_return success();
}

Task<Result<>> DeviceService::record_presence(Wait wait) {
  while (!to_record_.empty()) {
    devices::SeeDevices command;
    auto at = to_record_.begin();
    for (; at != to_record_.end() && command.devices.size() < devices::SeeDevices::kMost; ++at) {
      command.devices.push_back(
          {.device = at->first, .at = at->second.at, .connected = at->second.connected});
    }
    KEEL_CO_TRY(co_await cell_.command(command, wait));
    // What was seen again meanwhile stays for the next time.
    for (const devices::SeeDevices::Seen& told : command.devices) {
      const auto known = to_record_.find(told.device);
      if (known != to_record_.end() && known->second.at == told.at) to_record_.erase(known);
    }
    if (command.devices.size() < devices::SeeDevices::kMost) break;
  }
  co_return success();
}

// Who is blocked or not registered any more is ended; also one whose proof was looked at before it
// was barred, and who came in afterwards. Of a crowd only a part a turn, and only those who are
// here: it must not hold up twins and calls.
Task<Result<>> DeviceService::end_barred(Wait wait) {
  for (std::uint32_t asked = 0, taken = 0; asked < kMostAsked && taken < kMostTaken; ++taken) {
    const Timestamp now = cell_.core().now();
    const std::optional<std::string> device = suspects_.take_due(now);
    if (!device) co_return success();
    if (!connections_.contains(*device)) continue;
    ++asked;
    suspects_.look_again(*device, now + options_.presence_period);
    const auto known = co_await cell_.ask(devices::GetCredentials{.device = *device}, wait);
    if (!known.ok()) {
      suspects_.add(*device, now);
      co_return known.error();
    }
    const bool is_barred = !known->found || known->blocked;
    if (is_barred && options_.end_connections) options_.end_connections(*device);
  }
  work_.set();  // there may be more
  co_return success();
}

// Whoever was there when the last process ended without a word, and is not now.
Task<Result<>> DeviceService::find_gone(Wait wait) {
  for (std::string after;;) {
    const auto page = KEEL_CO_TRY(
        co_await cell_.ask(devices::ListDevices{.after = after, .connected = true}, wait));
    for (const devices::DeviceView& device : page.devices) {
      if (!connections_.contains(device.device))
        to_record_.try_emplace(device.device, Seen{.at = device.seen_at});
    }
    if (page.next.empty()) co_return success();
    after = page.next;
  }
}

}  // namespace keel::servers
