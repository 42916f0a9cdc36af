#include "node/fleet/ocpp/message_load.hpp"

#include "node/fleet/ocpp/session_messages.hpp"

namespace keel::node {

using runtime::Scope;
using runtime::Task;
using runtime::Wait;
namespace v16 = ocpp::v16;

namespace {

constexpr Duration kAnswerTime = Duration::seconds(30);
constexpr std::size_t kConnectAtOnce = 64;
// As many as answers are kept for repetitions (wire/ocpp's Rpc), and one.
constexpr std::uint32_t kHeartbeats = 9;

}  // namespace

// A charge point and where it stands in its session.
struct MessageLoad::Point {
  Point(runtime::Core& core, const MessageLoadOptions& options, const EnrolledStation& station)
      : token(station.token),
        link(core, {.central_system = options.central_system,
                    .path = options.path,
                    .station = station.name,
                    .secret = station.secret,
                    .echo = options.echo}) {}

  std::string token;
  ChargePoint link;
  bool charging = false;
  std::uint32_t readings = 0;  // said, of this session
  std::int32_t transaction = 0;
  std::int32_t register_wh = 0;
  bool gave_up = false;
};

void MessageLoadResult::add(const MessageLoadResult& later) {
  messages += later.messages;
  sessions += later.sessions;
  failed += later.failed;
  latency.add(later.latency);
  if (!later.last_error.empty()) last_error = later.last_error;
}

MessageLoad::MessageLoad(runtime::Core& core, MessageLoadOptions options)
    : core_(core), options_(std::move(options)) {}

MessageLoad::~MessageLoad() = default;

void MessageLoad::failed(const Error& why) {
  ++result_.failed;
  result_.last_error = why.to_string();
}

Task<Result<>> MessageLoad::connect(std::size_t count, Wait wait) {
  KEEL_ASSERT(count <= options_.stations.size() && points_.size() == next_);
  not_connected_.reset();
  Scope scope(core_, wait.cancellation);
  for (std::size_t i = 0; i < kConnectAtOnce; ++i) scope.spawn(connect_some, this, count, wait);
  co_await scope.join();
  if (not_connected_) co_return *not_connected_;
  co_return success();
}

Task<> MessageLoad::connect_some(MessageLoad* load, std::size_t count, Wait wait) {
  while (load->next_ < count && !load->not_connected_) {
    const EnrolledStation& station = load->options_.stations[load->next_++];
    load->points_.push_back(std::make_unique<Point>(load->core_, load->options_, station));
    Point& point = *load->points_.back();
    const Result<> came = co_await load->come(point, wait);
    if (!came.ok()) load->not_connected_ = came.error();
  }
}

Task<Result<>> MessageLoad::come(Point& point, Wait wait) {
  const Wait until = wait.until(core_.now() + kAnswerTime);
  KEEL_CO_TRY(co_await point.link.connect(until));
  v16::BootNotification boot;
  boot.charge_point_vendor = "Keel";
  boot.charge_point_model = "Simulated";
  KEEL_CO_TRY(co_await point.link.call(boot, until));
  for (std::uint32_t i = 0; i < kHeartbeats; ++i)
    KEEL_CO_TRY(co_await point.link.call(v16::Heartbeat{}, until));
  co_return success();
}

void MessageLoad::keep(std::size_t count) noexcept {
  while (points_.size() > count) {
    points_.back()->link.cut();
    points_.pop_back();
  }
  next_ = points_.size();
}

Task<> MessageLoad::run(Wait wait) {
  slots_ = Slots(core_.now(), options_.rate);
  Scope scope(core_, wait.cancellation);
  running_ = &scope;
  for (std::size_t i = 0; i < points_.size() && i < options_.active; ++i)
    scope.spawn(charge, this, points_[i].get(), false, scope.wait());
  co_await scope.join();
  running_ = nullptr;
}

void MessageLoad::stop() noexcept {
  if (running_ != nullptr) running_->cancel();
}

Task<> MessageLoad::finish(Wait wait) {
  slots_ = Slots();
  Scope scope(core_, wait.cancellation);
  for (const std::unique_ptr<Point>& point : points_)
    if (point->charging) scope.spawn(charge, this, point.get(), true, scope.wait());
  co_await scope.join();
}

// Being told to stop ends the waiting for a moment, never that for an answer.
Task<> MessageLoad::charge(MessageLoad* load, Point* point, bool to_the_end, Wait wait) {
  runtime::Core& core = load->core_;
  while (!point->gave_up && !wait.cancellation->requested()) {
    const Timestamp slot = load->slots_.next(core.now());
    if (slot > core.now() && !(co_await core.sleep_until(slot, wait)).ok()) break;
    const Result<> done =
        co_await load->next_message(*point, {.deadline = core.now() + kAnswerTime});
    if (!done.ok()) {
      point->gave_up = true;
      load->failed(done.error());
      break;
    }
    ++load->result_.messages;
    load->result_.latency.record(core.now() - slot);
    if (to_the_end && !point->charging) break;
  }
}

Task<Result<>> MessageLoad::next_message(Point& point, Wait wait) {
  MeterMoment meter{.register_wh = point.register_wh, .time = core_.clock().wall()};
  if (!point.charging) {
    const auto begun =
        KEEL_CO_TRY(co_await point.link.call(start_message(meter, point.token), wait));
    if (begun.id_tag_info.status != v16::AuthorizationStatus::accepted)
      co_return Error(kNotLetIn, "the token " + point.token + " may not charge");
    point.charging = true;
    point.transaction = begun.transaction_id;
    point.readings = 0;
  } else if (point.readings < options_.readings) {
    meter.register_wh += options_.step_wh;
    KEEL_CO_TRY(co_await point.link.call(values_message(meter, point.transaction), wait));
    point.register_wh = meter.register_wh;
    ++point.readings;
  } else {
    KEEL_CO_TRY(
        co_await point.link.call(stop_message(meter, point.transaction, point.token), wait));
    point.charging = false;
    ++result_.sessions;
    ++acknowledged_;
  }
  co_return success();
}

}  // namespace keel::node
