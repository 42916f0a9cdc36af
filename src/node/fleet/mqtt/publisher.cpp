#include "node/fleet/mqtt/publisher.hpp"

#include "runtime/errors.hpp"

namespace keel::node {

using runtime::Scope;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr Duration kPause = Duration::milliseconds(50);  // before a connection is made again
constexpr Duration kConnectTime = Duration::seconds(10);

Task<> receive_all(MqttClient* client, runtime::Cancellation* gone, std::uint64_t* lost,
                   Wait wait) {
  const Error why = co_await client->run(wait);
  if (!why.is(runtime::kCancelled)) ++*lost;
  gone->request();
}

}  // namespace

MqttFleet::Publisher::Publisher(MqttFleet& fleet, std::uint32_t number)
    : fleet_(fleet),
      number_(number),
      topic_(fleet.topic(number % fleet.options_.topics)),
      all_acknowledged_(fleet.core_),
      payload_(fleet.options_.payload_bytes) {}

Task<Result<>> MqttFleet::Publisher::connect(Wait wait) {
  mqtt::SessionState session;
  if (client_ != nullptr && fleet_.options_.persistent) session = client_->session_state();
  client_ = std::make_unique<MqttClient>(fleet_.core_, fleet_.client("publisher", number_), *this);
  co_return co_await client_->open(std::move(session),
                                   wait.until(fleet_.core_.now() + kConnectTime));
}

void MqttFleet::Publisher::delivered(mqtt::DeliveryTag tag, mqtt::Reason reason) {
  const auto found = unacknowledged_.find(tag.value());
  if (found == unacknowledged_.end()) return;
  ++(mqtt::is_failure(reason) ? fleet_.result_.refused : fleet_.result_.acknowledged);
  fleet_.result_.acknowledge_latency.record(fleet_.core_.now() - found->second);
  unacknowledged_.erase(found);
  if (unacknowledged_.empty()) all_acknowledged_.set();
}

void MqttFleet::Publisher::write(std::uint64_t number, Timestamp due) {
  write_stamp({.run_id = fleet_.run_id_, .publisher = number_, .number = number, .due = due},
              payload_);
}

bool MqttFleet::Publisher::publish(std::uint64_t number, Timestamp due) {
  write(number, due);
  return client_->publish(topic_, payload_, fleet_.options_.qos, mqtt::DeliveryTag(number));
}

Task<> MqttFleet::Publisher::run(Duration drain_at_most, Wait wait) {
  for (;;) {
    Scope scope(fleet_.core_, wait.cancellation);
    runtime::Cancellation gone;
    std::uint64_t lost = 0;
    scope.spawn(receive_all, client_.get(), &gone, &lost, scope.wait());
    const bool again =
        co_await send_until_cut({.cancellation = &gone}) || (gone.requested() && !fleet_.stopped_);
    if (!again) co_await drain(drain_at_most, {.cancellation = &gone});
    // What ends once DISCONNECT was said is not lost.
    fleet_.result_.lost_connections += lost;
    if (!again) co_await part(drain_at_most, {.cancellation = &gone});
    co_await scope.cancel_and_join();
    if (!again || wait.cancellation->requested() || !co_await reconnect(wait)) co_return;
  }
}

Task<bool> MqttFleet::Publisher::send_until_cut(Wait wait) {
  runtime::Core& core = fleet_.core_;
  const MqttFleetOptions& options = fleet_.options_;
  if (!(co_await publish_again(wait)).ok()) co_return false;
  while (!fleet_.stopped_ && !wait.cancellation->requested()) {
    for (std::uint32_t sent = 0; sent < (options.rate == 0 ? options.burst : 1); ++sent) {
      const Timestamp due = fleet_.slots_.next(core.now());
      if (due > core.now() && !(co_await core.sleep_until(due, wait)).ok()) co_return false;
      if (options.qos != mqtt::Qos::at_most_once) {
        if (!client_->room().is_set() && !(co_await client_->flush(wait)).ok()) co_return false;
        if (!(co_await client_->room().wait(wait)).ok()) co_return false;
        unacknowledged_.emplace(next_number_, due);
        all_acknowledged_.reset();
      }
      if (!publish(next_number_, due)) co_return false;
      ++next_number_;
      ++fleet_.result_.published;
    }
    if (!(co_await client_->flush(wait)).ok()) co_return false;
    if (options.cut_every != 0 && next_number_ % options.cut_every == 0) co_return true;
  }
  co_return false;
}

Task<> MqttFleet::Publisher::drain(Duration at_most, Wait wait) {
  const Wait until = wait.until(fleet_.core_.now() + at_most);
  if (!unacknowledged_.empty()) static_cast<void>(co_await all_acknowledged_.wait(until));
}

Task<> MqttFleet::Publisher::part(Duration at_most, Wait wait) {
  client_->disconnect();
  static_cast<void>(co_await client_->flush(wait.until(fleet_.core_.now() + at_most)));
}

Task<bool> MqttFleet::Publisher::reconnect(Wait wait) {
  client_->cut();
  for (;;) {
    if (!(co_await fleet_.core_.sleep_until(fleet_.core_.now() + kPause, wait)).ok())
      co_return false;
    if ((co_await connect(wait)).ok()) break;
    if (fleet_.stopped_) co_return false;
  }
  ++fleet_.result_.reconnected;
  co_return true;
}

Task<Result<>> MqttFleet::Publisher::publish_again(Wait wait) {
  for (const auto& [number, due] : std::map(unacknowledged_)) {
    write(number, due);
    if (client_->resend(mqtt::DeliveryTag(number), topic_, payload_)) continue;
    KEEL_CO_TRY(co_await client_->room().wait(wait));
    if (!publish(number, due)) co_return runtime::kConnectionLost;
  }
  co_return co_await client_->flush(wait);
}

}  // namespace keel::node
