// How a client is let in.
#include <algorithm>

#include "servers/mqtt/client.hpp"
#include "wire/mqtt/connection/session_rules.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::broker {

using mqtt::Reason;
using runtime::Task;

Client::Wish Client::take_connect(const mqtt::Connect& connect) {
  Wish wish{.client_id = std::string(connect.client_id), .clean_start = connect.clean_start};
  if (connect.user_name) wish.user_name = std::string(*connect.user_name);
  if (connect.password) wish.password = Bytes(connect.password->begin(), connect.password->end());
  if (wish.client_id.empty()) {
    wish.client_id = server_.broker_.make_client_id();
    wish.has_assigned_id = true;
  }
  if (!connect.will) return wish;
  const mqtt::Will& will = *connect.will;
  if (!mqtt::holds_payload_format(will.properties, will.payload)) {
    wish.refusal = Reason::payload_format_invalid;
  }
  // The delay is the will's and not the message's.
  Bytes space(will.properties.bytes().size());
  mqtt::PropertyWriter writer(space);
  writer.copy_all(will.properties, bit_of(mqtt::PropertyId::will_delay_interval));
  const mqtt::Publish message{.qos = will.qos,
                              .retain = will.retain,
                              .topic = will.topic,
                              .properties = writer.finish().value(),
                              .payload = will.payload};
  wish.will = std::make_unique<Will>(
      Will{.message = std::make_shared<StoredMessage>(message, server_.core_.clock().wall()),
           .retain = will.retain,
           .delay_s = will.properties.number_or(mqtt::PropertyId::will_delay_interval, 0)});
  return wish;
}

// A will is a message of this client, and judged as one.
Reason Client::judge_will(const Wish& wish) const {
  if (wish.will == nullptr) return Reason::success;
  if (wish.refusal) return *wish.refusal;
  return judge({.topic = wish.will->message->topic()});
}

Login Client::login_of(const Wish& wish) const {
  Login login{.client_id = wish.client_id,
              .security = connection_->security(),
              .peer = connection_->peer()};
  if (wish.user_name) login.user_name = *wish.user_name;
  if (wish.password) login.password = *wish.password;
  return login;
}

Task<> Client::on_connect() {
  ServerStats::Ended& ended = server_.stats_.ended;
  const mqtt::Connect& connect = std::get<mqtt::ConnectRequested>(link_.event()).connect;
  Wish wish = take_connect(connect);
  const ByteView shown =
      connect.properties.binary(mqtt::PropertyId::authentication_data).value_or(ByteView{});
  Bytes data(shown.begin(), shown.end());
  link_.hold();
  received_ = {};
  if (!link_.authentication_method().empty())
    co_return co_await begin_authentication(std::move(wish), std::move(data));
  Result<std::optional<Identity>> known =
      co_await server_.authenticator_.authenticate(login_of(wish));
  if (link_.is_closed()) co_return;
  if (!known.ok()) co_return refuse_connect(Reason::server_busy, ended.refused);
  if (!known->has_value()) {
    co_return refuse_connect(Reason::bad_user_name_or_password, ended.bad_login);
  }
  co_await admit(std::move(**known), &wish, {});
}

// `last_data`: what an enhanced authentication has to say at its end.
Task<> Client::admit(Identity identity, Wish* wish, ByteView last_data) {
  identity_ = std::move(identity);
  client_id_ = wish->client_id;
  const Reason reason = judge_will(*wish);
  if (is_failure(reason)) co_return refuse_connect(reason, server_.stats_.ended.refused);
  co_await let_in(wish, last_data);
}

Task<> Client::let_in(Wish* wish, ByteView last_data) {
  const std::uint32_t expiry_s =
      std::min(link_.session_expiry_s(), server_.options_.most_session_expiry_s);
  Broker::Attached attached =
      co_await server_.broker_.attach(*this, {.client_id = client_id_,
                                              .user = identity_.user,
                                              .clean_start = wish->clean_start,
                                              .expiry_s = expiry_s,
                                              .will = std::move(wish->will)});
  if (attached.session == nullptr) {
    if (!link_.is_closed()) refuse_connect(attached.reason, server_.stats_.ended.refused);
    co_return;
  }
  if (link_.is_closed()) {  // the server stops
    server_.broker_.detach(*attached.session, {});
    co_return;
  }
  attached.session = co_await judge_subscriptions(attached.session);
  if (attached.session == nullptr) co_return;
  session_ = attached.session;
  accept(*wish, attached, last_data);
}

// A session that was kept may be older than the rules: what its user may not have any more is
// unsubscribed before the client is in. Null: the client is not let in after all.
Task<Session*> Client::judge_subscriptions(Session* session) {
  std::vector<std::string> lost;
  for (const auto& [filter, terms] : session->subscriptions) {
    if (!identity_.access->may_subscribe(filter, names())) lost.push_back(filter);
  }
  if (lost.empty()) co_return session;
  server_.broker_.stats().revoked_subscriptions += lost.size();
  Broker::Reasons reasons;
  session = co_await server_.broker_.unsubscribe(*session, lost, reasons);
  if (session == nullptr) {
    if (!link_.is_closed()) {
      refuse_connect(Reason::session_taken_over, server_.stats_.ended.refused);
    }
    co_return nullptr;
  }
  if (!link_.is_closed()) co_return session;
  server_.broker_.detach(*session, {});  // the server stops
  co_return nullptr;
}

void Client::accept(const Wish& wish, const Broker::Attached& attached, ByteView last_data) {
  let_in_ = true;
  --server_.stats_.unauthenticated;
  ++server_.stats_.connected;
  if (listener_ != nullptr) listener_->was_let_in();
  for (TopicHandler* handler : server_.handlers_) handler->came(identity_.user);
  std::optional<std::uint32_t> expiry_s;
  if (session_->expiry_s != link_.session_expiry_s()) expiry_s = session_->expiry_s;
  link_.accept({.session_present = attached.is_present,
                .session = attached.state,
                .assigned_client_id =
                    wish.has_assigned_id ? std::string_view(client_id_) : std::string_view(),
                .keep_alive_s = keep_alive_override(),
                .session_expiry_s = expiry_s,
                .authentication_data = last_data});
  flush();
}

void Client::refuse_connect(Reason reason, std::uint64_t& cause) noexcept {
  if (!std::exchange(counted_, true)) ++cause;
  link_.refuse(reason);
}

std::optional<std::uint16_t> Client::keep_alive_override() const noexcept {
  const std::uint16_t most = server_.options_.most_keep_alive_s;
  const std::uint16_t asked = link_.keep_alive_s();
  if (most == 0 || (asked != 0 && asked <= most)) return std::nullopt;
  return most;
}

}  // namespace keel::broker
