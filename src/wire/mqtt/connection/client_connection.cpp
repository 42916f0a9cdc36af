#include "wire/mqtt/connection/client_connection.hpp"

#include "base/assert.hpp"
#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/property_writer.hpp"
#include "wire/mqtt/packet/writer.hpp"

namespace keel::mqtt {
namespace {

constexpr std::size_t kNumberBytes = 16;  // of the properties that connect() adds

}  // namespace

Result<> ClientConnection::connect(const Connect& connect, SessionState session) {
  KEEL_ASSERT(stage_ == Stage::fresh);
  version_ = connect.version;
  keep_alive_s_ = connect.keep_alive_s;
  clean_start_ = connect.clean_start;
  method_ = connect.properties.text(PropertyId::authentication_method).value_or("");
  session_ = std::move(session);
  Connect sent = connect;
  Bytes space(kNumberBytes + connect.properties.bytes().size());
  if (is_v5()) {
    PropertyWriter writer(space);
    writer.number(PropertyId::receive_maximum, settings_.receive_maximum);
    if (settings_.topic_alias_maximum != 0) {
      writer.number(PropertyId::topic_alias_maximum, settings_.topic_alias_maximum);
    }
    if (settings_.limits.packet_bytes < kGreatestVariable + kMostFixedHeaderBytes) {
      writer.number(PropertyId::maximum_packet_size,
                    static_cast<std::uint32_t>(settings_.limits.packet_bytes));
    }
    writer.copy_all(connect.properties, 0);
    sent.properties = KEEL_TRY(writer.finish());
  }
  if (!emit(sent)) return kBadOutput;
  stage_ = Stage::connecting;
  return success();
}

Step ClientConnection::next() {
  for (;;) {
    if (stage_ == Stage::closed) return Step::closed;
    if (receiving_.is_full()) return Step::blocked;
    switch (pull()) {
      case Pull::need_more:
        return Step::need_more;
      case Pull::failed:
        return fail(*error_);
      case Pull::packet:
        break;
    }
    if (const auto step = handle()) return *step;
  }
}

std::optional<Step> ClientConnection::handle() {
  if (stage_ == Stage::fresh) return fail(kUnexpectedPacket);
  if (const auto* connack = std::get_if<Connack>(&packet_)) return on_connack(*connack);
  if (const auto* auth = std::get_if<Auth>(&packet_)) return on_auth(*auth);
  if (stage_ != Stage::open) return fail(kUnexpectedPacket);  // [MQTT-3.2.0-1]
  if (const auto* publish = std::get_if<Publish>(&packet_)) return on_message(*publish);
  if (const auto* acknowledgement = std::get_if<Acknowledgement>(&packet_)) {
    return on_acknowledgement(*acknowledgement);
  }
  if (const auto* acknowledgement = std::get_if<FilterAcknowledgement>(&packet_)) {
    if (!sending_.give_back(acknowledgement->id)) return fail(kUnexpectedPacket);
    return give(FiltersAcknowledged{*acknowledgement});
  }
  if (const auto* disconnect = std::get_if<Disconnect>(&packet_)) {
    return on_disconnect(*disconnect);
  }
  KEEL_ASSERT(std::holds_alternative<Ping>(packet_));
  return give(PongReceived{});
}

std::optional<Step> ClientConnection::on_connack(const Connack& connack) {
  if (stage_ == Stage::open) return fail(kUnexpectedPacket);  // [MQTT-3.2.0-2]
  if (is_failure(connack.reason)) {
    stage_ = Stage::closed;
    return give(Connected{connack});
  }
  // A session that this client does not know of [MQTT-3.2.2-4].
  if (connack.session_present && clean_start_) return fail(kUnexpectedPacket);
  take_peer_bounds(connack.properties);
  keep_alive_s_ = static_cast<std::uint16_t>(
      connack.properties.number_or(PropertyId::server_keep_alive, keep_alive_s_));
  const SessionState session = std::exchange(session_, {});
  open(connack.session_present ? session : SessionState());
  return give(Connected{connack});
}

Step ClientConnection::on_auth(const Auth& auth) {
  if (method_.empty() ||
      auth.properties.text(PropertyId::authentication_method).value_or(method_) != method_) {
    return fail(kBadAuthentication);
  }
  return give(AuthenticationReceived{.auth = auth, .again = stage_ == Stage::open});
}

std::optional<PacketId> ClientConnection::subscribe(std::span<const Subscription> subscriptions,
                                                    const Properties& properties) {
  if (stage_ != Stage::open) return std::nullopt;
  std::size_t bytes = 0;
  for (const Subscription& subscription : subscriptions) bytes += 3 + subscription.filter.size();
  Bytes space(bytes);
  const auto entries = write_subscriptions(space, subscriptions, version_);
  const auto id = entries.ok() ? sending_.reserve() : std::nullopt;
  if (!id) return std::nullopt;
  if (emit(Subscribe{.id = *id, .properties = properties, .entries = *entries})) return id;
  sending_.give_back(*id);
  return std::nullopt;
}

std::optional<PacketId> ClientConnection::unsubscribe(std::span<const std::string_view> filters,
                                                      const Properties& properties) {
  if (stage_ != Stage::open) return std::nullopt;
  std::size_t bytes = 0;
  for (const std::string_view filter : filters) bytes += 2 + filter.size();
  Bytes space(bytes);
  const auto entries = write_filters(space, filters);
  const auto id = entries.ok() ? sending_.reserve() : std::nullopt;
  if (!id) return std::nullopt;
  if (emit(Unsubscribe{.id = *id, .properties = properties, .entries = *entries})) return id;
  sending_.give_back(*id);
  return std::nullopt;
}

void ClientConnection::ping() {
  if (stage_ == Stage::open) emit(Ping{});
}

void ClientConnection::authenticate(Reason reason, const Properties& properties) {
  if (stage_ == Stage::closed) return;
  emit(Auth{.reason = reason, .properties = properties});
}

}  // namespace keel::mqtt
