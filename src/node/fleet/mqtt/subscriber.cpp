#include "node/fleet/mqtt/subscriber.hpp"

#include "runtime/errors.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;

namespace {
constexpr Duration kPause = Duration::milliseconds(50);  // before a connection is made again
constexpr Duration kConnectTime = Duration::seconds(10);
constexpr Duration kSlowRead = Duration::seconds(1);
}  // namespace

MqttFleet::Subscriber::Subscriber(MqttFleet& fleet, std::uint32_t number)
    : fleet_(fleet),
      number_(number),
      filter_(fleet.options_.every_topic ? fleet.options_.prefix + "/#"
                                         : fleet.topic(number % fleet.options_.topics)) {}

Task<Result<>> MqttFleet::Subscriber::connect(Wait wait) {
  const Wait until = wait.until(fleet_.core_.now() + kConnectTime);
  mqtt::SessionState session;
  if (client_ != nullptr && fleet_.options_.persistent) session = client_->session_state();
  MqttClientOptions options = fleet_.client("subscriber", number_);
  if (fleet_.options_.slow_readers) options.read_pause = kSlowRead;
  client_ = std::make_unique<MqttClient>(fleet_.core_, std::move(options), *this);
  KEEL_CO_TRY(co_await client_->open(std::move(session), until));
  if (client_->session_present()) co_return success();
  co_return co_await client_->subscribe(filter_, fleet_.options_.qos, until);
}

Task<> MqttFleet::Subscriber::run(Wait wait) {
  while (!wait.cancellation->requested()) {
    const Error why = co_await client_->run(wait);
    if (why.is(runtime::kCancelled)) co_return;
    ++fleet_.result_.lost_connections;
    do {
      if (!(co_await fleet_.core_.sleep_until(fleet_.core_.now() + kPause, wait)).ok()) co_return;
    } while (!(co_await connect(wait)).ok());
    ++fleet_.result_.reconnected;
  }
}

void MqttFleet::Subscriber::received(const mqtt::Publish& message) {
  const std::optional<Stamp> stamp = read_stamp(message.payload);
  MqttFleetResult& result = fleet_.result_;
  if (!stamp || stamp->run_id != fleet_.run_id_ || stamp->publisher >= fleet_.options_.publishers) {
    ++result.foreign;
    return;
  }
  if (!seen_[stamp->publisher].add(stamp->number)) {
    ++result.repeated;
    return;
  }
  ++result.delivered;
  result.deliver_latency.record(fleet_.core_.now() - stamp->due);
}

std::uint64_t MqttFleet::Subscriber::missing() const noexcept {
  std::uint64_t missing = 0;
  for (const auto& [publisher, seen] : seen_)
    missing += seen.missing() + (fleet_.published_by(publisher) - seen.next());
  return missing;
}

}  // namespace keel::node
