// What a client that is let in may say.
#include "servers/mqtt/client.hpp"
#include "wire/mqtt/connection/session_rules.hpp"

namespace keel::broker {

using mqtt::Reason;

namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

// Those that need no waiting.
void Client::on_event() {
  Broker& broker = server_.broker_;
  std::visit(Overloaded{
                 [this](const mqtt::MessageReceived& event) { on_message(event.publish); },
                 [&](const mqtt::ReleaseReceived& event) { broker.forget(*session_, event.id); },
                 [&](const mqtt::DeliveryReceived& event) { broker.received(*session_, event); },
                 [&](const mqtt::DeliveryEnded& event) { broker.delivered(*session_, event); },
                 [this](const mqtt::Closed& event) { on_closed(event); },
                 [](const auto&) {},
             },
             link_.event());
}

mqtt::ClientNames Client::names() const noexcept {
  return {.client_id = client_id_, .user_name = identity_.user};
}

Reason Client::judge(const mqtt::Publish& publish, bool is_handled) const {
  // What the broker says of itself nobody else says.
  if ((mqtt::is_hidden(publish.topic) && !is_handled) ||
      !identity_.access->may_publish(publish.topic, names())) {
    return Reason::not_authorized;
  }
  return mqtt::holds_payload_format(publish.properties, publish.payload)
             ? Reason::success
             : Reason::payload_format_invalid;
}

bool Client::may_receive(std::string_view topic) const {
  return identity_.access->may_receive(topic, names());
}

void Client::hand_on(TopicHandler& handler, const mqtt::Publish& publish) {
  const Broker::PublishPlace place{
      .session = session_->id, .attachment = session_->attachment, .id = publish.id};
  if (server_.handled_ >= server_.options_.broker.handled_messages) {
    ++server_.broker_.stats().refused_module;
    return server_.broker_.answer(place, Reason::quota_exceeded);
  }
  ++server_.handled_;
  server_.connections_.spawn(
      &Server::hand_on, &server_, &handler,
      HandledMessage{.user = identity_.user,
                     .client_id = client_id_,
                     .topic = std::string(publish.topic),
                     .payload = Bytes(publish.payload.begin(), publish.payload.end())},
      place);
}

void Client::on_message(const mqtt::Publish& publish) {
  Broker& broker = server_.broker_;
  ++broker.stats().received[static_cast<std::size_t>(publish.qos)];
  TopicHandler* handler = server_.handler_of(publish.topic);
  const Reason reason = judge(publish, handler != nullptr);
  if (!is_failure(reason)) {
    if (handler != nullptr) return hand_on(*handler, publish);
    return broker.publish(publish, *session_);
  }
  ++(reason == Reason::not_authorized ? broker.stats().refused_not_allowed
                                      : broker.stats().refused_payload_format);
  if (publish.qos != mqtt::Qos::at_most_once) {
    // Older versions have no word for it: the message passes for delivered.
    const bool can_say = link_.version() == mqtt::Version::v5;
    link_.acknowledge(publish.id, can_say ? reason : Reason::success);
  } else if (reason == Reason::payload_format_invalid) {
    refuse(reason, server_.stats_.ended.protocol_error);
  }
}

runtime::Task<> Client::on_subscribe(mqtt::Subscribe subscribe) {
  const std::uint32_t identifier =
      subscribe.properties.number_or(mqtt::PropertyId::subscription_identifier, 0);
  std::vector<Broker::Wanted> wanted;
  Broker::Reasons reasons;
  mqtt::SubscriptionCursor cursor = subscribe.subscriptions();
  while (const auto asked = cursor.next()) {
    const bool is_allowed = identity_.access->may_subscribe(asked->filter, names());
    if (!is_allowed) ++server_.broker_.stats().refused_subscriptions;
    reasons.push_back(is_allowed ? Reason::success : Reason::not_authorized);
    wanted.push_back({.filter = std::string(asked->filter), .asked = *asked});
    wanted.back().asked.filter = {};
  }
  link_.hold();
  received_ = {};
  session_ = co_await server_.broker_.subscribe(*session_, wanted, identifier, reasons);
  if (session_ == nullptr) co_return;
  link_.acknowledge_subscribe(subscribe.id, reasons);
  flush();
}

runtime::Task<> Client::on_unsubscribe(mqtt::Unsubscribe unsubscribe) {
  std::vector<std::string> filters;
  mqtt::FilterCursor cursor = unsubscribe.filters();
  while (const auto filter = cursor.next()) filters.emplace_back(*filter);
  link_.hold();
  received_ = {};
  Broker::Reasons reasons;
  session_ = co_await server_.broker_.unsubscribe(*session_, filters, reasons);
  if (session_ == nullptr) co_return;
  link_.acknowledge_unsubscribe(unsubscribe.id, reasons);
  flush();
}

void Client::on_closed(const mqtt::Closed& closed) {
  new_expiry_s_ = closed.session_expiry_s;
  if (std::exchange(counted_, true)) return;
  ++(closed.by_peer ? server_.stats_.ended.by_client : server_.stats_.ended.protocol_error);
}

}  // namespace keel::broker
