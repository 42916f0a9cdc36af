#include "servers/mqtt/broker/broker.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::broker {

using mqtt::Qos;
using mqtt::Reason;

namespace {

// Topics that one look at what is retained may pass before others have their turn.
constexpr std::size_t kScanStep = 1'000;

std::span<const std::uint32_t> identifiers_of(const mqtt::SubscriptionTerms& terms) {
  if (terms.identifier == 0) return {};
  return {&terms.identifier, 1};
}

}  // namespace

// One message on its way to all who want it.
struct Broker::Route {
  mqtt::FanOut message;
  const mqtt::Publish& publish;
  std::size_t wanted = 0;
};

Broker::Broker(runtime::Core& core, const BrokerOptions& options)
    : core_(core),
      options_(options),
      tree_(options.subscriptions),
      retained_({.messages = options.retained_messages, .bytes = options.retained_bytes}) {}

Broker::~Broker() = default;

std::string Broker::make_client_id() {
  std::array<std::byte, 16> chance;
  core_.entropy().fill(chance);
  return "keel-" + to_hex(chance);
}

// Sessions.

Session* Broker::attach(Peer& peer, std::string_view client_id, std::string_view user) {
  Session* known = sessions_.find(client_id);
  if (known != nullptr) {
    if (known->user != user) return nullptr;
    if (known->peer != nullptr) {
      ++stats_.taken_over;
      std::exchange(known->peer, nullptr)->end(Reason::session_taken_over);
    }
    end(*known);
  }
  Session& session = sessions_.add(client_id);
  session.user = user;
  session.peer = &peer;
  count();
  return &session;
}

void Broker::detach(Session& session) {
  session.peer = nullptr;
  end(session);
}

void Broker::end(Session& session) {
  for (const auto& [filter, terms] : session.subscriptions) {
    const auto parsed = mqtt::parse_filter(filter);
    KEEL_ASSERT(parsed.ok());
    tree_.remove(*parsed, session.id);
  }
  sessions_.remove(session);
  count();
}

void Broker::count() noexcept {
  stats_.sessions = sessions_.size();
  stats_.subscriptions = tree_.size();
  stats_.retained = retained_.size();
  stats_.retained_bytes = retained_.bytes();
}

// Subscriptions.

Reason Broker::subscribe(Session& session, const mqtt::Subscription& asked,
                         mqtt::SubscriptionIdentifier identifier) {
  const auto filter = mqtt::parse_filter(asked.filter, options_.link.limits.topic);
  KEEL_ASSERT(filter.ok());
  const bool is_known = session.subscriptions.contains(asked.filter);
  const bool is_full = session.subscriptions.size() >= options_.session_subscriptions;
  const mqtt::SubscriptionTerms terms{.qos = static_cast<std::uint8_t>(Qos::at_most_once),
                                      .no_local = asked.no_local,
                                      .retain_as_published = asked.retain_as_published,
                                      .identifier = identifier};
  if ((is_full && !is_known) || !tree_.add(*filter, {.id = session.id, .terms = terms}).ok()) {
    ++stats_.refused_subscriptions;
    return Reason::quota_exceeded;
  }
  session.subscriptions.insert_or_assign(std::string(asked.filter), terms);
  const bool is_wanted = asked.retain_handling == mqtt::RetainHandling::always ||
                         (asked.retain_handling == mqtt::RetainHandling::when_new && !is_known);
  if (is_wanted && !filter->is_shared()) {
    session.scans.push_back({.filter = std::string(filter->filter), .terms = terms, .after = {}});
  }
  count();
  return static_cast<Reason>(terms.qos);
}

Reason Broker::unsubscribe(Session& session, std::string_view filter) {
  const auto known = session.subscriptions.find(filter);
  if (known == session.subscriptions.end()) return Reason::no_subscription_existed;
  const auto parsed = mqtt::parse_filter(filter, options_.link.limits.topic);
  KEEL_ASSERT(parsed.ok());
  tree_.remove(*parsed, session.id);
  session.subscriptions.erase(known);
  std::erase_if(session.scans, [&](const RetainedScan& scan) { return scan.filter == filter; });
  count();
  return Reason::success;
}

// Messages.

bool Broker::has_output_room(const Session& session, std::size_t bytes) const {
  const std::size_t before = session.peer->link().output().size();
  return before == 0 || before + bytes <= options_.output_bytes;
}

bool Broker::send(Session& session, mqtt::FanOut& message, const mqtt::Outgoing& outgoing) {
  switch (session.peer->link().publish(message, outgoing)) {
    case mqtt::Sent::sent:
      ++stats_.sent[static_cast<std::size_t>(outgoing.qos)];
      session.peer->flush();
      return true;
    case mqtt::Sent::too_large:
      ++stats_.dropped_too_large;
      return true;
    case mqtt::Sent::window_full:
      return false;
    case mqtt::Sent::closed:
      break;
  }
  return true;
}

void Broker::route_one(Route& route, const mqtt::Match& match) {
  Session* session = sessions_.find(match.subscriber);
  KEEL_ASSERT(session != nullptr);
  ++route.wanted;
  if (session->peer == nullptr) {
    ++stats_.dropped_offline;
    return;
  }
  if (!has_output_room(*session, route.publish.payload.size())) {
    ++stats_.dropped_slow;
    return;
  }
  send(*session, route.message,
       {.retain = route.publish.retain && match.retain_as_published,
        .identifiers = match.identifiers});
}

// The members take turns; who is not there or has no room is passed over.
void Broker::route_shared(Route& route, const mqtt::SharedMatch& match) {
  std::string name(match.group);
  name += '/';
  name += match.filter;
  if (turns_.size() > 2 * tree_.size() + 16) turns_.clear();  // groups come and go
  std::uint64_t& turn = turns_[name];
  for (std::size_t tried = 0; tried < match.members.size(); ++tried) {
    const mqtt::Subscriber& member = match.members[turn++ % match.members.size()];
    const Session* session = sessions_.find(member.id);
    if (session->peer == nullptr || !has_output_room(*session, route.publish.payload.size())) {
      continue;
    }
    route_one(route, {.subscriber = member.id,
                      .qos = member.terms.qos,
                      .retain_as_published = member.terms.retain_as_published,
                      .identifiers = identifiers_of(member.terms)});
    return;
  }
  ++route.wanted;
  ++stats_.dropped_slow;
}

std::size_t Broker::publish(const mqtt::Publish& publish, mqtt::SubscriberId publisher) {
  if (publish.retain) retain(publish);
  space_.resize(publish.properties.bytes().size());
  const auto properties = mqtt::forwarded_properties(space_, publish.properties, 0);
  KEEL_ASSERT(properties.ok() && properties->has_value());
  Route route{.message = mqtt::FanOut(
                  {.topic = publish.topic, .properties = **properties, .payload = publish.payload}),
              .publish = publish};
  tree_.visit(publish.topic, publisher,
              [this, &route](const mqtt::Match& match) { route_one(route, match); });
  if (tree_.shared() != 0) {
    tree_.visit_shared(publish.topic, [this, &route](const mqtt::SharedMatch& match) {
      route_shared(route, match);
    });
  }
  if (route.wanted == 0) ++stats_.dropped_no_receiver;
  return route.wanted;
}

void Broker::announce(std::string_view topic, std::string_view payload) {
  publish({.retain = true, .topic = topic, .payload = as_bytes(payload)}, {});
}

void Broker::retain(const mqtt::Publish& publish) {
  if (publish.payload.empty()) {
    retained_.erase(publish.topic);
  } else {
    auto message = std::make_shared<StoredMessage>(publish, core_.clock().wall());
    if (retained_.has_room(publish.topic, message->bytes())) {
      retained_.set(std::move(message));
    } else {
      ++stats_.refused_retained_full;
    }
  }
  count();
}

bool Broker::resume(Session& session) {
  return session.peer != nullptr && send_retained(session);
}

bool Broker::send_retained(Session& session) {
  const Timestamp now = core_.clock().wall();
  Bytes space;
  bool has_room = true;
  while (!session.scans.empty()) {
    RetainedScan& scan = session.scans.front();
    const auto visitor = [&](const SharedMessage& stored) {
      has_room = has_output_room(session, stored->bytes());
      if (!has_room) return false;
      const auto message = stored->at(now, space);
      if (!message) return true;
      mqtt::FanOut fan_out(*message);
      has_room =
          send(session, fan_out, {.retain = true, .identifiers = identifiers_of(scan.terms)});
      return has_room;
    };
    if (!retained_.visit(scan.filter, scan.after, kScanStep, visitor)) return has_room;
    session.scans.erase(session.scans.begin());
  }
  return false;
}

}  // namespace keel::broker
