#include "node/fleet/mqtt/fleet.hpp"

#include "node/fleet/errors.hpp"
#include "node/fleet/mqtt/publisher.hpp"
#include "node/fleet/mqtt/subscriber.hpp"

namespace keel::node {

using runtime::Scope;
using runtime::Task;
using runtime::Wait;

namespace {
constexpr std::uint32_t kMostDevices = 200'000;
constexpr std::uint32_t kLargestPayload = 1'000'000;
}  // namespace

Result<> check(const MqttFleetOptions& options) {
  const auto bad = [](std::string why) { return Error(kBadFleet, std::move(why)); };
  if (options.payload_bytes < kStampBytes || options.payload_bytes > kLargestPayload)
    return bad("payload_bytes is " + std::to_string(options.payload_bytes) + ", expected " +
               std::to_string(kStampBytes) + " to " + std::to_string(kLargestPayload));
  const std::uint64_t devices =
      std::uint64_t{options.publishers} + options.subscribers + options.idle;
  if (devices == 0 || devices > kMostDevices)
    return bad(std::to_string(devices) + " devices, expected 1 to " + std::to_string(kMostDevices));
  if (options.topics == 0) return bad("topics is 0, expected at least 1");
  if (options.window == 0) return bad("window is 0, expected at least 1");
  if (options.burst == 0) return bad("burst is 0, expected at least 1");
  return success();
}

// A connection that only keeps alive.
class MqttFleet::Idler final : public MqttListener {
 public:
  Idler(MqttFleet& fleet, std::uint32_t number)
      : client(fleet.core_, fleet.client("idle", number), *this) {}
  MqttClient client;
};

MqttFleet::MqttFleet(runtime::Core& core, MqttFleetOptions options, std::uint32_t run_id)
    : core_(core), options_(std::move(options)), run_id_(run_id) {
  for (std::uint32_t i = 0; i < options_.subscribers; ++i)
    subscribers_.push_back(std::make_unique<Subscriber>(*this, i));
  for (std::uint32_t i = 0; i < options_.publishers; ++i)
    publishers_.push_back(std::make_unique<Publisher>(*this, i));
  for (std::uint32_t i = 0; i < options_.idle; ++i)
    idlers_.push_back(std::make_unique<Idler>(*this, i));
}

MqttFleet::~MqttFleet() = default;

std::string MqttFleet::topic(std::uint32_t number) const {
  return options_.prefix + '/' + std::to_string(number);
}

MqttClientOptions MqttFleet::client(std::string_view role, std::uint32_t number) const {
  return {.broker = options_.broker,
          .version = options_.version,
          .client_id = options_.prefix + '-' + std::to_string(run_id_) + '-' + std::string(role) +
                       '-' + std::to_string(number),
          .user_name = options_.user_name,
          .password = options_.password,
          .clean_start = !options_.persistent,
          .read_pause = {},
          .window = options_.window,
          .tls = options_.tls};
}

// Subscribers first, so that nothing is published before somebody hears it.
Task<Result<>> MqttFleet::connect(Wait wait) {
  for (const auto& each : subscribers_) KEEL_CO_TRY(co_await each->connect(wait));
  for (const auto& each : publishers_) KEEL_CO_TRY(co_await each->connect(wait));
  for (const auto& each : idlers_) KEEL_CO_TRY(co_await each->client.open({}, wait));
  co_return success();
}

Task<> MqttFleet::keep_idle(MqttFleet* fleet, std::uint32_t number, Wait wait) {
  static_cast<void>(co_await fleet->idlers_[number]->client.run(wait));
  if (!wait.cancellation->requested()) ++fleet->result_.lost_connections;
}

Task<> MqttFleet::run(Duration drain, Wait wait) {
  stopped_ = false;
  slots_ = Slots(core_.now(), options_.rate);
  Scope listening(core_, wait.cancellation);
  for (const auto& each : subscribers_)
    listening.spawn(&Subscriber::run, each.get(), listening.wait());
  for (std::uint32_t i = 0; i < options_.idle; ++i)
    listening.spawn(keep_idle, this, i, listening.wait());
  Scope publishing(core_, wait.cancellation);
  for (const auto& each : publishers_)
    publishing.spawn(&Publisher::run, each.get(), drain, publishing.wait());
  while (!stopped_ && publishing.running() > 0)
    if (!(co_await core_.sleep_until(core_.now() + Duration::milliseconds(10), wait)).ok()) break;
  co_await publishing.join();
  const Timestamp limit = core_.now() + drain;
  while (missing() > 0 && core_.now() < limit)
    if (!(co_await core_.sleep_until(core_.now() + Duration::milliseconds(10), wait)).ok()) break;
  co_await listening.cancel_and_join();
}

std::uint64_t MqttFleet::published_by(std::uint32_t publisher) const noexcept {
  return publishers_[publisher]->published();
}

std::uint64_t MqttFleet::missing() const noexcept {
  std::uint64_t missing = 0;
  for (const auto& each : subscribers_) missing += each->missing();
  return missing;
}

}  // namespace keel::node
