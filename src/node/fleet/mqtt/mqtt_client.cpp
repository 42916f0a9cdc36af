#include "node/fleet/mqtt/mqtt_client.hpp"

#include <algorithm>

#include "node/fleet/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::node {

using mqtt::Reason;
using mqtt::Step;
using runtime::Task;
using runtime::Wait;

namespace {

mqtt::LinkSettings link_settings(const MqttClientOptions& options) {
  mqtt::LinkSettings settings;
  settings.send_window = options.window;
  settings.receive_maximum = std::max<std::uint16_t>(options.window, settings.receive_maximum);
  // A topic is written whole in every message, by whichever broker is measured.
  settings.topic_alias_maximum = 0;
  settings.aliases_used = 0;
  return settings;
}

std::string said(Reason reason) {
  const std::string_view name = mqtt::to_string(reason);
  return name.empty() ? "reason " + std::to_string(mqtt::code(reason)) : std::string(name);
}

}  // namespace

MqttClient::MqttClient(runtime::Core& core, MqttClientOptions options, MqttListener& listener)
    : core_(core),
      options_(std::move(options)),
      listener_(listener),
      link_(link_settings(options_)),
      room_(core) {}

Task<Result<>> MqttClient::open(mqtt::SessionState session, Wait wait) {
  connection_ = KEEL_CO_TRY(co_await core_.network().connect(options_.broker, wait));
  if (options_.tls != nullptr) {
    connection_ = std::make_unique<runtime::TlsConnection>(core_, std::move(connection_),
                                                           options_.tls, options_.tls_host,
                                                           runtime::HandshakeLimits(), tls_stats_);
  }
  mqtt::Connect connect{.version = options_.version,
                        .clean_start = options_.clean_start,
                        .keep_alive_s = options_.keep_alive_s,
                        .client_id = options_.client_id,
                        .will = {},
                        .user_name = {},
                        .password = {},
                        .properties = {}};
  if (!options_.user_name.empty()) {
    connect.user_name = options_.user_name;
    connect.password = as_bytes(options_.password);
  }
  KEEL_CO_TRY(link_.connect(connect, std::move(session)));
  KEEL_CO_TRY(co_await flush(wait));
  while (!answer_) {
    if (!KEEL_CO_TRY(co_await receive(wait)) && !answer_) co_return kBrokerClosed;
  }
  const Reason answer = *std::exchange(answer_, std::nullopt);
  if (mqtt::is_failure(answer)) co_return Error(kNotLetIn, said(answer));
  if (link_.room() > 0) room_.set();
  co_return success();
}

Task<Result<>> MqttClient::subscribe(std::string_view filter, mqtt::Qos qos, Wait wait) {
  const std::array<mqtt::Subscription, 1> one{mqtt::Subscription{.filter = filter, .qos = qos}};
  if (!link_.subscribe(one)) co_return kBrokerClosed;
  KEEL_CO_TRY(co_await flush(wait));
  while (!answer_) {
    if (!KEEL_CO_TRY(co_await receive(wait))) co_return kBrokerClosed;
  }
  const Reason answer = *std::exchange(answer_, std::nullopt);
  if (mqtt::is_failure(answer)) co_return Error(kSubscriptionRefused, said(answer));
  co_return success();
}

Task<Error> MqttClient::run(Wait wait) {
  const Duration quiet = Duration::seconds(std::max(1, options_.keep_alive_s / 2));
  for (;;) {
    const Wait until = wait.until(core_.now() + quiet);
    const Result<bool> more = co_await receive(until);
    if (more.ok() && !*more) co_return kBrokerClosed;
    if (!more.ok() && !more.error().is(runtime::kDeadline)) co_return more.error();
    if (options_.keep_alive_s != 0 && core_.now() > last_sent_ + quiet) link_.ping();
    if (const Result<> sent = co_await flush(wait); !sent.ok()) co_return sent.error();
    if (options_.read_pause > Duration{})
      static_cast<void>(co_await core_.sleep_until(core_.now() + options_.read_pause, wait));
  }
}

Task<Result<bool>> MqttClient::receive(Wait wait) {
  if (connection_ == nullptr) co_return runtime::kConnectionLost;
  const runtime::Received received = KEEL_CO_TRY(co_await connection_->receive(wait));
  if (received.end_of_stream()) co_return false;
  link_.feed(received.bytes());
  for (;;) {
    const Step step = link_.next();
    if (step == Step::need_more) co_return true;
    if (step == Step::closed || !handle(link_.event())) co_return false;
  }
}

bool MqttClient::handle(const mqtt::Event& event) {
  if (const auto* connected = std::get_if<mqtt::Connected>(&event)) {
    session_present_ = connected->connack.session_present;
    answer_ = connected->connack.reason;
  } else if (const auto* filters = std::get_if<mqtt::FiltersAcknowledged>(&event)) {
    answer_ = filters->acknowledgement.reason(0);
  } else if (const auto* message = std::get_if<mqtt::MessageReceived>(&event)) {
    listener_.received(message->publish);
    if (message->publish.qos != mqtt::Qos::at_most_once) link_.acknowledge(message->publish.id);
  } else if (const auto* release = std::get_if<mqtt::ReleaseReceived>(&event)) {
    link_.complete(release->id);
  } else if (const auto* delivery = std::get_if<mqtt::DeliveryReceived>(&event)) {
    link_.release(delivery->id);
  } else if (const auto* ended = std::get_if<mqtt::DeliveryEnded>(&event)) {
    listener_.delivered(ended->tag, ended->reason);
    if (link_.room() > 0) room_.set();
  } else if (const auto* closed = std::get_if<mqtt::Closed>(&event)) {
    if (!answer_ && closed->reason != Reason::success) answer_ = closed->reason;
    return false;
  }
  return true;
}

bool MqttClient::publish(std::string_view topic, ByteView payload, mqtt::Qos qos,
                         mqtt::DeliveryTag tag) {
  mqtt::FanOut message({.topic = topic, .properties = {}, .payload = payload});
  const mqtt::Sent sent =
      link_.publish(message, {.qos = qos, .retain = false, .identifiers = {}, .tag = tag});
  if (link_.room() == 0) room_.reset();
  return sent == mqtt::Sent::sent;
}

bool MqttClient::resend(mqtt::DeliveryTag tag, std::string_view topic, ByteView payload) {
  const std::vector<mqtt::Delivery> under_way = link_.deliveries();
  const auto found = std::ranges::find(under_way, tag, &mqtt::Delivery::tag);
  if (found == under_way.end()) return false;
  // What the broker has received is released again by the link itself.
  if (found->stage == mqtt::DeliveryStage::released) return true;
  mqtt::FanOut message({.topic = topic, .properties = {}, .payload = payload});
  return link_.resend(found->id, message,
                      {.qos = found->qos, .retain = false, .identifiers = {}, .tag = tag}) ==
         mqtt::Sent::sent;
}

Task<Result<>> MqttClient::flush(Wait wait) {
  if (sending_) co_return success();
  sending_ = true;
  Result<> sent = success();
  while (sent.ok() && !link_.output().empty()) {
    if (connection_ == nullptr) {
      sent = runtime::kConnectionLost;
      break;
    }
    const Bytes output = link_.take_output();
    const std::array<ByteView, 1> parts{output};
    last_sent_ = core_.now();
    sent = co_await connection_->send(parts, wait);
  }
  sending_ = false;
  co_return sent;
}

void MqttClient::cut() noexcept {
  if (connection_ != nullptr) connection_->cut();
}

}  // namespace keel::node
