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

void Client::on_event() {
  std::visit(
      Overloaded{
          [this](const mqtt::MessageReceived& event) { on_message(event.publish); },
          [this](const mqtt::ReleaseReceived& event) { link_.complete(event.id); },
          [this](const mqtt::SubscribeReceived& event) { on_subscribe(event.subscribe); },
          [this](const mqtt::UnsubscribeReceived& event) { on_unsubscribe(event.unsubscribe); },
          [this](const mqtt::DeliveryReceived& event) { link_.release(event.id); },
          [this](const mqtt::Closed& event) { on_closed(event); },
          // Nobody is let in with a method of enhanced authentication.
          [this](const mqtt::AuthenticationReceived&) {
            refuse(Reason::bad_authentication_method, server_.stats_.ended.protocol_error);
          },
          [](const auto&) {},
      },
      link_.event());
}

mqtt::ClientNames Client::names() const noexcept {
  return {.client_id = client_id_, .user_name = identity_.user};
}

Reason Client::judge(const mqtt::Publish& publish) const {
  // What the broker says of itself nobody else says.
  if (mqtt::is_hidden(publish.topic) || !identity_.access->may_publish(publish.topic, names())) {
    return Reason::not_authorized;
  }
  return mqtt::holds_payload_format(publish.properties, publish.payload)
             ? Reason::success
             : Reason::payload_format_invalid;
}

void Client::on_message(const mqtt::Publish& publish) {
  Broker& broker = server_.broker_;
  ++broker.stats().received[static_cast<std::size_t>(publish.qos)];
  if (publish.qos != mqtt::Qos::at_most_once) {
    return refuse(Reason::qos_not_supported, server_.stats_.ended.protocol_error);
  }
  const Reason reason = judge(publish);
  if (reason == Reason::not_authorized) {
    ++broker.stats().refused_not_allowed;
  } else if (reason == Reason::payload_format_invalid) {
    ++broker.stats().refused_payload_format;
    refuse(reason, server_.stats_.ended.protocol_error);
  } else {
    broker.publish(publish, session_->id);
  }
}

Reason Client::subscribe_one(const mqtt::Subscription& asked, std::uint32_t identifier) {
  Broker& broker = server_.broker_;
  if (!identity_.access->may_subscribe(asked.filter, names())) {
    ++broker.stats().refused_subscriptions;
    return Reason::not_authorized;
  }
  return broker.subscribe(*session_, asked, identifier);
}

void Client::on_subscribe(const mqtt::Subscribe& subscribe) {
  const std::uint32_t identifier =
      subscribe.properties.number_or(mqtt::PropertyId::subscription_identifier, 0);
  std::vector<Reason> reasons;
  reasons.reserve(subscribe.count);
  mqtt::SubscriptionCursor cursor = subscribe.subscriptions();
  while (const auto asked = cursor.next()) reasons.push_back(subscribe_one(*asked, identifier));
  link_.acknowledge_subscribe(subscribe.id, reasons);
}

void Client::on_unsubscribe(const mqtt::Unsubscribe& unsubscribe) {
  std::vector<Reason> reasons;
  reasons.reserve(unsubscribe.count);
  mqtt::FilterCursor cursor = unsubscribe.filters();
  while (const auto filter = cursor.next()) {
    reasons.push_back(server_.broker_.unsubscribe(*session_, *filter));
  }
  link_.acknowledge_unsubscribe(unsubscribe.id, reasons);
}

void Client::on_closed(const mqtt::Closed& closed) {
  if (std::exchange(counted_, true)) return;
  ++(closed.by_peer ? server_.stats_.ended.by_client : server_.stats_.ended.protocol_error);
}

}  // namespace keel::broker
