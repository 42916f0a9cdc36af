#include "wire/mqtt/connection/link.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/packet/parser.hpp"
#include "wire/mqtt/packet/writer.hpp"

namespace keel::mqtt {
namespace {

// The properties of a packet that can go without them, because they only explain it.
Properties* explanation_of(Packet& packet) {
  if (auto* acknowledgement = std::get_if<Acknowledgement>(&packet)) {
    return &acknowledgement->properties;
  }
  if (auto* disconnect = std::get_if<Disconnect>(&packet)) return &disconnect->properties;
  auto* connack = std::get_if<Connack>(&packet);
  return connack != nullptr && is_failure(connack->reason) ? &connack->properties : nullptr;
}

}  // namespace

Link::Pull Link::pull() {
  switch (frames_.next()) {
    case FrameStep::need_more:
      return Pull::need_more;
    case FrameStep::error:
      error_ = &frames_.error();
      return Pull::failed;
    case FrameStep::frame:
      break;
  }
  const ParseRules rules{.sender = peer_, .version = version_, .limits = &settings_.limits};
  const auto parsed = parse_packet(frames_.frame(), rules, packet_);
  if (parsed.ok()) return Pull::packet;
  error_ = &parsed.error().kind();
  return Pull::failed;
}

void Link::take_peer_bounds(const Properties& properties) {
  constexpr std::uint32_t kAnyNumber = 65'535;
  const auto bounded = [&properties](PropertyId id, std::uint32_t otherwise, std::uint16_t own) {
    return static_cast<std::uint16_t>(
        std::min<std::uint32_t>(properties.number_or(id, otherwise), own));
  };
  send_quota_ = bounded(PropertyId::receive_maximum, kAnyNumber, settings_.send_window);
  aliases_out_.set_most(bounded(PropertyId::topic_alias_maximum, 0, settings_.aliases_used));
  peer_packet_bytes_ = properties.number_or(PropertyId::maximum_packet_size,
                                            kGreatestVariable + kMostFixedHeaderBytes);
}

void Link::open(const SessionState& session) {
  stage_ = Stage::open;
  frames_.set_most_bytes(settings_.limits.packet_bytes);
  aliases_in_.set_most(is_v5() ? settings_.topic_alias_maximum : 0);
  receiving_.start({.unanswered = settings_.receive_maximum,
                    .is_announced = is_v5(),
                    .received = settings_.received_ids},
                   session.received);
  sending_.start(send_quota_, session.deliveries);
  for (const Delivery& delivery : session.deliveries) {
    if (delivery.stage == DeliveryStage::released) {
      emit(Acknowledgement{.type = PacketType::pubrel, .id = delivery.id});
    }
  }
}

bool Link::emit(Packet packet) {
  std::size_t bytes = packet_bytes(packet, version_);
  if (bytes > peer_packet_bytes_) {
    if (Properties* explanation = explanation_of(packet)) *explanation = {};
    bytes = packet_bytes(packet, version_);
    if (bytes > peer_packet_bytes_) return false;
  }
  const std::size_t before = output_.size();
  output_.resize(before + bytes);
  const auto written = write_packet(ByteSpan(output_).subspan(before), packet, version_);
  if (written.ok()) return true;
  output_.resize(before);
  return false;
}

Step Link::give(Event event) {
  event_ = std::move(event);
  return Step::event;
}

Step Link::close_silently(const ErrorKind& kind, Reason reason) {
  stage_ = Stage::closed;
  return give(Closed{.error = &kind, .reason = reason});
}

Step Link::fail(const ErrorKind& kind) {
  const Sender own = peer_ == Sender::client ? Sender::server : Sender::client;
  Reason reason = refusal_reason(kind);
  // What only CONNACK can say, of a second CONNECT.
  if (!is_allowed(reason, PacketType::disconnect, own)) reason = Reason::protocol_error;
  if (is_v5() && stage_ == Stage::open) emit(Disconnect{.reason = reason});
  return close_silently(kind, reason);
}

void Link::disconnect(Reason reason, const Properties& properties) {
  const bool may_say = is_v5() || peer_ == Sender::server;
  if (stage_ == Stage::open && may_say)
    emit(Disconnect{.reason = reason, .properties = properties});
  stage_ = Stage::closed;
}

SessionState Link::session_state() const {
  return {.received = receiving_.received(), .deliveries = sending_.deliveries()};
}

// Sending.

Sent Link::send(FanOut& message, const Outgoing& outgoing, Receiver receiver) {
  receiver.version = version_;
  receiver.retain = outgoing.retain;
  receiver.identifiers = outgoing.identifiers;
  if (!is_v5() || !aliases_out_.enabled()) {
    message.append(output_, receiver);
    return Sent::sent;
  }
  const OutboundAliases::Choice choice = aliases_out_.choose(message.topic());
  receiver.alias = choice.alias;
  receiver.alias_is_known = choice.is_known;
  // A first alias makes the frame longer, which may be too much for a peer with a tight bound.
  if (choice.alias != 0 && !choice.is_known && message.bytes(receiver) > peer_packet_bytes_) {
    receiver.alias = 0;
  } else {
    aliases_out_.commit(message.topic(), choice);
  }
  message.append(output_, receiver);
  return Sent::sent;
}

Sent Link::publish(FanOut& message, const Outgoing& outgoing) {
  if (stage_ != Stage::open) return Sent::closed;
  Receiver receiver{.version = version_, .qos = outgoing.qos, .identifiers = outgoing.identifiers};
  // Judged without an alias, so that the answer does not depend on what was sent before.
  if (message.bytes(receiver) > peer_packet_bytes_) return Sent::too_large;
  if (outgoing.qos != Qos::at_most_once) {
    if (!sending_.has_room() || sending_.is_taken(outgoing.id)) return Sent::window_full;
    receiver.id = sending_.add(outgoing.qos, outgoing.tag, outgoing.id);
    receiver.duplicate = outgoing.duplicate;
  }
  return send(message, outgoing, receiver);
}

Sent Link::resend(PacketId id, FanOut& message, const Outgoing& outgoing) {
  if (stage_ != Stage::open) return Sent::closed;
  KEEL_ASSERT(sending_.is_resumed(id));
  const Receiver receiver{.version = version_,
                          .qos = sending_.find(id)->qos,
                          .duplicate = true,  // [MQTT-3.3.1-1]
                          .id = id,
                          .identifiers = outgoing.identifiers};
  if (message.bytes(receiver) > peer_packet_bytes_) return Sent::too_large;
  if (!sending_.has_room()) return Sent::window_full;
  sending_.resend(id);
  return send(message, outgoing, receiver);
}

void Link::abandon(PacketId id) {
  if (stage_ != Stage::open) return;
  KEEL_ASSERT(sending_.is_resumed(id));
  if (sending_.abandon(id)) emit(Acknowledgement{.type = PacketType::pubrel, .id = id});
}

void Link::release(PacketId id) {
  if (stage_ != Stage::open) return;
  sending_.release(id);
  drain_releases();
}

void Link::drain_releases() {
  while (const auto id = sending_.take_release()) {
    emit(Acknowledgement{.type = PacketType::pubrel, .id = *id});
  }
}

// Receiving.

void Link::acknowledge(PacketId id, Reason reason) {
  if (stage_ != Stage::open) return;
  receiving_.acknowledge(id, reason);
  drain_acknowledgements();
}

void Link::drain_acknowledgements() {
  while (const auto taken = receiving_.take_acknowledgement()) emit(*taken);
}

void Link::complete(PacketId id) {
  if (stage_ != Stage::open) return;
  receiving_.complete(id);
  emit(Acknowledgement{.type = PacketType::pubcomp, .id = id});
}

std::optional<Step> Link::on_message(Publish publish) {
  const auto resolved = aliases_in_.resolve(publish);
  if (!resolved.ok()) return fail(resolved.error().kind());
  if (publish.qos == Qos::at_most_once) return give(MessageReceived{publish});
  switch (receiving_.publish(publish.id, publish.qos, publish.duplicate)) {
    case Arrival::fresh:
      return give(MessageReceived{publish});
    case Arrival::repeated:
      return std::nullopt;
    case Arrival::again:
      emit(Acknowledgement{.type = PacketType::pubrec, .id = publish.id});
      return std::nullopt;
    case Arrival::in_use:
      return fail(kPacketIdInUse);
    case Arrival::too_many:
      break;
  }
  return fail(kReceiveMaximumExceeded);
}

std::optional<Step> Link::on_pubrel(PacketId id) {
  switch (receiving_.pubrel(id)) {
    case Release::fresh:
      return give(ReleaseReceived{id});
    case Release::repeated:
      return std::nullopt;
    case Release::unknown:
      // The message was completed and the PUBCOMP lost: "success" as the first time.
      emit(Acknowledgement{.type = PacketType::pubcomp, .id = id});
      return std::nullopt;
    case Release::early:
      break;
  }
  return fail(kUnexpectedPacket);
}

std::optional<Step> Link::on_acknowledgement(const Acknowledgement& acknowledgement) {
  const PacketId id = acknowledgement.id;
  const Delivery* delivery = sending_.find(id);
  const DeliveryTag tag = delivery == nullptr ? DeliveryTag() : delivery->tag;
  switch (acknowledgement.type) {
    case PacketType::pubrel:
      return on_pubrel(id);
    case PacketType::puback:
      return on_answer(sending_.puback(id), acknowledgement, tag);
    case PacketType::pubrec:
      return on_answer(sending_.pubrec(id, acknowledgement.reason), acknowledgement, tag);
    default:
      return on_answer(sending_.pubcomp(id), acknowledgement, tag);
  }
}

std::optional<Step> Link::on_answer(Answer answer, const Acknowledgement& acknowledgement,
                                    DeliveryTag tag) {
  const PacketId id = acknowledgement.id;
  const bool is_pubrec = acknowledgement.type == PacketType::pubrec;
  switch (answer) {
    case Answer::unknown:
      // PUBACK and PUBCOMP of nothing are passed over; to a PUBREC the sender must have PUBREL.
      if (is_pubrec && !is_failure(acknowledgement.reason)) {
        emit(Acknowledgement{
            .type = PacketType::pubrel, .id = id, .reason = Reason::packet_identifier_not_found});
      }
      return std::nullopt;
    case Answer::wrong:
      return fail(kUnexpectedPacket);
    case Answer::repeated:
      return std::nullopt;
    case Answer::again:
      emit(Acknowledgement{.type = PacketType::pubrel, .id = id});
      return std::nullopt;
    case Answer::received:
      return give(DeliveryReceived{.id = id, .tag = tag});
    case Answer::ended:
      // What stood behind it in the order of PUBRECs may go now.
      drain_releases();
      return give(DeliveryEnded{.id = id, .tag = tag, .reason = acknowledgement.reason});
  }
  return std::nullopt;
}

Step Link::on_disconnect(const Disconnect& disconnect) {
  stage_ = Stage::closed;
  return give(
      Closed{.reason = disconnect.reason,
             .by_peer = true,
             .session_expiry_s = disconnect.properties.number(PropertyId::session_expiry_interval),
             .properties = disconnect.properties});
}

}  // namespace keel::mqtt
