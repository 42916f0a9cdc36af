#include "wire/mqtt/connection/server_connection.hpp"

#include "base/assert.hpp"
#include "wire/mqtt/connection/session_rules.hpp"
#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::mqtt {
namespace {

// Of the properties of CONNACK that are numbers.
constexpr std::size_t kNumberBytes = 32;
// Of a text or binary property: its identifier and its length.
constexpr std::size_t kTextBytes = 3;

}  // namespace

Step ServerConnection::next() {
  for (;;) {
    if (stage_ == Stage::closed) return Step::closed;
    if (is_blocked()) return Step::blocked;
    switch (pull()) {
      case Pull::need_more:
        return Step::need_more;
      case Pull::failed:
        return fail_pull();
      case Pull::packet:
        break;
    }
    if (const auto step = handle()) return *step;
  }
}

// A CONNECT that cannot be answered in its own version is answered in the one before; one that is
// malformed is not answered at all (section 3.1.4).
Step ServerConnection::fail_pull() {
  if (stage_ == Stage::open) return fail(*error_);
  const bool can_be_answered =
      error_->number == kUnsupportedVersion.number || error_->number == kBadClientId.number;
  const Reason reason = refusal_reason(*error_);
  if (can_be_answered && stage_ == Stage::fresh) emit(Connack{.reason = reason});
  if (stage_ == Stage::authenticating) emit(Connack{.reason = reason});
  return close_silently(*error_, reason);
}

std::optional<Step> ServerConnection::handle() {
  if (const auto* connect = std::get_if<Connect>(&packet_)) {
    if (stage_ != Stage::fresh) {  // [MQTT-3.1.0-2]
      error_ = &kUnexpectedPacket;
      return fail_pull();
    }
    return on_connect(*connect);
  }
  if (const auto* disconnect = std::get_if<Disconnect>(&packet_);
      disconnect && stage_ != Stage::fresh) {
    return on_client_disconnect(*disconnect);
  }
  if (const auto* auth = std::get_if<Auth>(&packet_); auth && stage_ != Stage::fresh) {
    return on_auth(*auth);
  }
  if (stage_ != Stage::open) {  // [MQTT-3.1.0-1] [MQTT-3.1.2-30]
    error_ = &kUnexpectedPacket;
    return fail_pull();
  }
  if (const auto* publish = std::get_if<Publish>(&packet_)) return on_message(*publish);
  if (const auto* acknowledgement = std::get_if<Acknowledgement>(&packet_)) {
    return on_acknowledgement(*acknowledgement);
  }
  if (const auto* subscribe = std::get_if<Subscribe>(&packet_)) {
    return give(SubscribeReceived{*subscribe});
  }
  if (const auto* unsubscribe = std::get_if<Unsubscribe>(&packet_)) {
    return give(UnsubscribeReceived{*unsubscribe});
  }
  KEEL_ASSERT(std::holds_alternative<Ping>(packet_));
  emit(Ping{.answer = true});  // [MQTT-3.12.4-1]
  return std::nullopt;
}

Step ServerConnection::on_connect(const Connect& connect) {
  version_ = connect.version;
  keep_alive_s_ = connect.keep_alive_s;
  session_expiry_s_ = requested_session_expiry_s(connect);
  will_due_ = connect.will.has_value();
  method_ = connect.properties.text(PropertyId::authentication_method).value_or("");
  take_peer_bounds(connect.properties);
  stage_ = Stage::deciding;
  return give(ConnectRequested{connect});
}

Step ServerConnection::on_auth(const Auth& auth) {
  // [MQTT-4.12.0-5] [MQTT-4.12.1-1]: the method of CONNECT, and the reason that the exchange is at.
  const bool begins = stage_ == Stage::open && !reauthenticating_;
  const Reason wanted = begins ? Reason::reauthenticate : Reason::continue_authentication;
  if (method_.empty() || auth.reason != wanted ||
      auth.properties.text(PropertyId::authentication_method) != method_) {
    error_ = &kBadAuthentication;
    return fail_pull();
  }
  if (stage_ == Stage::open) {
    reauthenticating_ = true;
    return give(AuthenticationReceived{.auth = auth, .again = true});
  }
  stage_ = Stage::deciding;
  return give(AuthenticationReceived{.auth = auth, .again = false});
}

Step ServerConnection::on_client_disconnect(const Disconnect& disconnect) {
  const auto expiry_s = disconnect.properties.number(PropertyId::session_expiry_interval);
  // A session that was to end with the connection cannot be kept after all (section 3.14.2.2.2).
  if (expiry_s && *expiry_s != 0 && session_expiry_s_ == 0) return fail(kBadExpiry);
  if (expiry_s) session_expiry_s_ = *expiry_s;
  if (disconnect.reason == Reason::success) will_due_ = false;  // [MQTT-3.14.4-3]
  return on_disconnect(disconnect);
}

// The order, aliases before the receive maximum, is the one that clients are tested with.
Result<Properties> ServerConnection::connack_properties(ByteSpan space,
                                                        const Acceptance& acceptance) const {
  PropertyWriter writer(space);
  if (settings_.topic_alias_maximum != 0) {
    writer.number(PropertyId::topic_alias_maximum, settings_.topic_alias_maximum);
  }
  writer.number(PropertyId::receive_maximum, settings_.receive_maximum);
  if (settings_.limits.packet_bytes < kGreatestVariable + kMostFixedHeaderBytes) {
    writer.number(PropertyId::maximum_packet_size,
                  static_cast<std::uint32_t>(settings_.limits.packet_bytes));
  }
  if (acceptance.session_expiry_s) {
    writer.number(PropertyId::session_expiry_interval, *acceptance.session_expiry_s);
  }
  if (acceptance.keep_alive_s) {
    writer.number(PropertyId::server_keep_alive, *acceptance.keep_alive_s);
  }
  if (!acceptance.assigned_client_id.empty()) {
    writer.text(PropertyId::assigned_client_identifier, acceptance.assigned_client_id);
  }
  if (!method_.empty()) writer.text(PropertyId::authentication_method, method_);
  if (!acceptance.authentication_data.empty()) {
    writer.binary(PropertyId::authentication_data, acceptance.authentication_data);
  }
  writer.copy_all(acceptance.properties, 0);
  return writer.finish();
}

void ServerConnection::accept(const Acceptance& acceptance) {
  if (stage_ == Stage::closed) return;
  KEEL_ASSERT(stage_ == Stage::deciding);
  if (is_v5() && acceptance.keep_alive_s) keep_alive_s_ = *acceptance.keep_alive_s;
  session_expiry_s_ = acceptance.session_expiry_s.value_or(session_expiry_s_);
  Connack connack{.session_present = acceptance.session_present && version_ != Version::v3_1};
  Bytes space;
  if (is_v5()) {
    space.resize(kNumberBytes + 3 * kTextBytes + acceptance.assigned_client_id.size() +
                 method_.size() + acceptance.authentication_data.size() +
                 acceptance.properties.bytes().size());
    const auto properties = connack_properties(space, acceptance);
    KEEL_ASSERT(properties.ok());
    connack.properties = *properties;
  }
  if (!emit(connack)) {  // a client that takes not even this [MQTT-3.2.2-15]
    stage_ = Stage::closed;
    return;
  }
  open(acceptance.session);
}

void ServerConnection::refuse(Reason reason, const Properties& properties) {
  if (stage_ == Stage::closed) return;
  KEEL_ASSERT(stage_ == Stage::deciding);
  KEEL_ASSERT(is_failure(reason));
  emit(Connack{.reason = reason, .properties = properties});
  will_due_ = false;
  stage_ = Stage::closed;
}

void ServerConnection::send_auth(Reason reason, ByteView data) {
  Bytes space(2 * kTextBytes + method_.size() + data.size());
  PropertyWriter writer(space);
  writer.text(PropertyId::authentication_method, method_);
  if (!data.empty()) writer.binary(PropertyId::authentication_data, data);
  const auto properties = writer.finish();
  KEEL_ASSERT(properties.ok());
  emit(Auth{.reason = reason, .properties = *properties});
}

void ServerConnection::challenge(ByteView authentication_data) {
  if (stage_ == Stage::closed) return;
  KEEL_ASSERT(!method_.empty());
  KEEL_ASSERT(stage_ == Stage::deciding || reauthenticating_);
  send_auth(Reason::continue_authentication, authentication_data);
  if (stage_ == Stage::deciding) stage_ = Stage::authenticating;
}

void ServerConnection::reauthenticated(ByteView authentication_data) {
  if (stage_ == Stage::closed) return;
  KEEL_ASSERT(reauthenticating_);
  reauthenticating_ = false;
  send_auth(Reason::success, authentication_data);
}

void ServerConnection::acknowledge_subscribe(PacketId id, std::span<const Reason> reasons) {
  if (stage_ != Stage::open) return;
  emit(FilterAcknowledgement{
      .type = PacketType::suback, .id = id, .reasons = std::as_bytes(reasons)});
}

void ServerConnection::acknowledge_unsubscribe(PacketId id, std::span<const Reason> reasons) {
  if (stage_ != Stage::open) return;
  emit(FilterAcknowledgement{
      .type = PacketType::unsuback, .id = id, .reasons = std::as_bytes(reasons)});
}

}  // namespace keel::mqtt
