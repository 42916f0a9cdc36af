// Where a message goes.
#include <algorithm>

#include "base/assert.hpp"
#include "servers/mqtt/broker/broker.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::broker {

using mqtt::Qos;

// A message of QoS 0 on its way to all who want it.
struct Broker::Route {
  mqtt::FanOut message;
  const mqtt::Publish& publish;
  std::size_t wanted = 0;
};

void Broker::publish(const mqtt::Publish& publish, Session& from) {
  SharedMessage message;
  if (publish.retain || publish.qos != Qos::at_most_once) {
    message = std::make_shared<StoredMessage>(publish, wall());
  }
  if (publish.qos == Qos::at_most_once) {
    if (publish.retain && retain(message)) {
      publish_durably(std::make_unique<Routed>(Routed{.message = message}),
                      {.flags = streams::PublishFlag::retain}, {});
    }
    return publish_now(publish, from.id);
  }
  Receipt receipt{.what = Receipt::What::publish,
                  .packet_id = publish.id.value(),
                  .session = from.id,
                  .attachment = from.attachment};
  const bool is_full = publish.retain && !publish.payload.empty() &&
                       !retained_.make_room(publish.topic, message->bytes(), wall());
  if (is_full) {
    ++stats_.refused_retained_full;
    return acknowledge(receipt, mqtt::Reason::quota_exceeded);
  }
  streams::Publish words;
  if (from.has_queue) words.publisher = from.number;
  if (from.has_queue && publish.qos == Qos::exactly_once) words.packet_id = publish.id.value();
  if (publish.retain) words.flags |= streams::PublishFlag::retain;
  publish_durably(route(std::move(message), publish.retain, from.id), words, std::move(receipt));
}

// `words` says what only its sender knows.
void Broker::publish_durably(std::unique_ptr<Routed> routed, streams::Publish words,
                             Receipt receipt) {
  const Routed& of = *routed;
  std::vector<streams::Target> targets;
  for (const RoutedReceiver& receiver : of.receivers) {
    if (receiver.target == RoutedReceiver::kNoTarget) continue;
    targets.push_back({.session = sessions_.find(receiver.session)->number,
                       .qos = static_cast<std::uint8_t>(receiver.qos),
                       .identifiers = receiver.identifiers});
    if (receiver.retain) targets.back().flags |= streams::TargetFlag::retain;
  }
  words.qos = static_cast<std::uint8_t>(of.message->qos());
  words.expiry = of.message->expiry();
  words.topic = of.message->topic();
  words.properties = of.message->properties();
  words.payload = of.message->payload();
  words.targets = targets;
  receipt.routed = std::move(routed);
  queue_.add(std::move(receipt),
             [&words](streams::BatchWriter& batch) { return batch.publish(words); });
}

void Broker::publish_own(std::string_view topic, ByteView payload, std::uint32_t expiry_s,
                         Awaited* own) {
  if (queue_.is_over()) {
    if (own != nullptr) own->failed = true;
    return;
  }
  std::array<std::byte, 8> space;
  mqtt::PropertyWriter writer(space);
  if (expiry_s != 0) writer.number(mqtt::PropertyId::message_expiry_interval, expiry_s);
  const mqtt::Publish publish{.qos = Qos::at_least_once,
                              .topic = topic,
                              .properties = writer.finish().value(),
                              .payload = payload};
  auto routed = route(std::make_shared<StoredMessage>(publish, wall()), false, {});
  if (routed->receivers.empty()) return;
  if (own != nullptr) ++own->left;
  Receipt receipt{.what = Receipt::What::publish};
  receipt.own = own;
  publish_durably(std::move(routed), {}, std::move(receipt));
}

std::size_t Broker::listeners(std::string_view topic) {
  std::size_t count = 0;
  tree_.visit(topic, {}, [&](const mqtt::Match& match) {
    if (sessions_.find(match.subscriber)->is_connected()) ++count;
  });
  return count;
}

void Broker::answer(const PublishPlace& place, const Result<mqtt::Reason>& reason) {
  Receipt receipt{.what = Receipt::What::publish,
                  .packet_id = place.id.value(),
                  .session = place.session,
                  .attachment = place.attachment};
  if (!reason.ok()) return failed(receipt);
  if (place.id.value() != 0) acknowledge(receipt, *reason);
}

void Broker::publish_will(streams::SessionNumber number, const Will& will) {
  streams::Publish words{.publisher = number, .flags = streams::PublishFlag::will};
  if (will.retain) words.flags |= streams::PublishFlag::retain;
  // Its expiry is that of the message, which begins now and not with the connection.
  const StoredMessage& said = *will.message;
  const SharedMessage message = StoredMessage::of(
      {.qos = said.qos(), .retain = will.retain, .topic = said.topic(), .payload = said.payload()},
      said.properties(), wall());
  publish_durably(route(message, will.retain, {}), words, {.what = Receipt::What::publish});
}

// False: there is no place for it.
bool Broker::retain(const SharedMessage& message) {
  if (message->payload().empty()) {
    retained_.erase(message->topic());
  } else if (retained_.make_room(message->topic(), message->bytes(), wall())) {
    retained_.set(message);
  } else {
    ++stats_.refused_retained_full;
    return false;
  }
  count();
  return true;
}

void Broker::announce(std::string_view topic, std::string_view payload) {
  const mqtt::Publish publish{.retain = true, .topic = topic, .payload = as_bytes(payload)};
  retain(std::make_shared<StoredMessage>(publish, wall()));
  publish_now(publish, {});
}

// QoS 0.

void Broker::publish_now(const mqtt::Publish& publish, mqtt::SubscriberId publisher) {
  space_.resize(publish.properties.bytes().size());
  const auto properties = mqtt::forwarded_properties(space_, publish.properties, 0);
  KEEL_ASSERT(properties.ok() && properties->has_value());
  Route route{.message = mqtt::FanOut(
                  {.topic = publish.topic, .properties = **properties, .payload = publish.payload}),
              .publish = publish};
  tree_.visit(publish.topic, publisher,
              [this, &route](const mqtt::Match& match) { route_now(route, match); });
  if (tree_.shared() != 0) {
    tree_.visit_shared(publish.topic, [this, &route](const mqtt::SharedMatch& match) {
      const mqtt::Subscriber* chosen = pick(match, Qos::at_most_once);
      ++route.wanted;
      if (chosen == nullptr) {
        ++stats_.dropped_slow;
        return;
      }
      route_now(route, {.subscriber = chosen->id,
                        .qos = chosen->terms.qos,
                        .retain_as_published = chosen->terms.retain_as_published,
                        .identifiers = identifiers_of(chosen->terms)});
    });
  }
  if (route.wanted == 0 && !publisher.is_zero()) ++stats_.dropped_no_receiver;
}

void Broker::route_now(Route& route, const mqtt::Match& match) {
  Session* session = sessions_.find(match.subscriber);
  KEEL_ASSERT(session != nullptr);
  ++route.wanted;
  if (!session->is_connected()) {
    ++stats_.dropped_offline;
  } else if (!has_output_room(*session, route.publish.payload.size())) {
    ++stats_.dropped_slow;
  } else {
    send(*session, route.message,
         {.retain = route.publish.retain && match.retain_as_published,
          .identifiers = match.identifiers});
  }
}

// QoS 1 and 2.

std::unique_ptr<Routed> Broker::route(SharedMessage message, bool retain,
                                      mqtt::SubscriberId publisher) {
  auto routed = std::make_unique<Routed>();
  routed->message = std::move(message);
  routed->retain = retain;
  const Qos sent = routed->message->qos();
  std::uint32_t targets = 0;
  const auto add = [&](const mqtt::Match& match) {
    const Session* session = sessions_.find(match.subscriber);
    const Qos qos = std::min(static_cast<Qos>(match.qos), sent);
    const bool is_kept = session->has_queue && qos != Qos::at_most_once;
    if (is_kept && targets == streams::kMaxBatchTargets) {
      ++stats_.dropped_queue_full;
      return;
    }
    const std::size_t identifiers = std::min(match.identifiers.size(), streams::kMaxIdentifiers);
    routed->receivers.push_back(
        {.session = session->id,
         .serial = session->serial,
         .qos = qos,
         .retain = retain && match.retain_as_published,
         .target = is_kept ? targets++ : RoutedReceiver::kNoTarget,
         .identifiers = {match.identifiers.begin(),
                         match.identifiers.begin() + static_cast<std::ptrdiff_t>(identifiers)}});
  };
  tree_.visit(routed->message->topic(), publisher, add);
  if (tree_.shared() == 0) return routed;
  tree_.visit_shared(routed->message->topic(), [&](const mqtt::SharedMatch& match) {
    const mqtt::Subscriber* chosen = pick(match, sent);
    if (chosen == nullptr) {
      ++stats_.dropped_queue_full;
      return;
    }
    add({.subscriber = chosen->id,
         .qos = chosen->terms.qos,
         .retain_as_published = chosen->terms.retain_as_published,
         .identifiers = identifiers_of(chosen->terms)});
  });
  return routed;
}

// It would be sent at once.
bool Broker::is_ready(const Session& session, Qos qos) const {
  if (!session.is_connected() || !has_output_room(session, 0)) return false;
  if (qos == Qos::at_most_once) return true;
  return !session.has_more() && session.peer->link().room() > 0;
}

// The members of a group take turns. Whoever would only make it wait is passed over; when all
// would, one whose queue is kept has it.
const mqtt::Subscriber* Broker::pick(const mqtt::SharedMatch& match, Qos qos) {
  std::string name(match.group);
  name += '/';
  name += match.filter;
  if (turns_.size() > 2 * tree_.size() + 16) turns_.clear();  // groups come and go
  std::uint64_t& turn = turns_[name];
  const mqtt::Subscriber* keeps = nullptr;
  const mqtt::Subscriber* connected = nullptr;
  for (std::size_t tried = 0; tried < match.members.size(); ++tried) {
    const mqtt::Subscriber& member = match.members[(turn + tried) % match.members.size()];
    const Session& session = *sessions_.find(member.id);
    if (is_ready(session, std::min(static_cast<Qos>(member.terms.qos), qos))) {
      turn += tried + 1;
      return &member;
    }
    if (keeps == nullptr && session.has_queue && member.terms.qos != 0) keeps = &member;
    if (connected == nullptr && session.is_connected()) connected = &member;
  }
  ++turn;
  if (qos == Qos::at_most_once) return nullptr;
  return keeps != nullptr ? keeps : connected;
}

}  // namespace keel::broker
