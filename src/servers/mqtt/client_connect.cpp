// How a client is let in.
#include "servers/mqtt/client.hpp"
#include "wire/mqtt/connection/session_rules.hpp"

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
  if (connect.will) {
    const mqtt::Will& will = *connect.will;
    const ByteView properties = will.properties.bytes();
    will_ = std::make_unique<Will>(Will{.topic = std::string(will.topic),
                                        .properties = Bytes(properties.begin(), properties.end()),
                                        .present = will.properties.present(),
                                        .payload = Bytes(will.payload.begin(), will.payload.end()),
                                        .qos = will.qos,
                                        .retain = will.retain});
  }
  return wish;
}

// Nothing: it is fine. A will is a message of this client, and judged as one.
std::optional<Reason> Client::judge_will() const {
  if (will_ == nullptr) return std::nullopt;
  const mqtt::Properties properties(will_->properties, will_->present);
  const Reason reason =
      judge({.topic = will_->topic, .properties = properties, .payload = will_->payload});
  return is_failure(reason) ? std::optional(reason) : std::nullopt;
}

Task<> Client::on_connect() {
  ServerStats::Ended& ended = server_.stats_.ended;
  const Wish wish = take_connect(std::get<mqtt::ConnectRequested>(link_.event()).connect);
  link_.hold();
  received_ = {};
  if (!link_.authentication_method().empty()) {
    co_return refuse_connect(Reason::bad_authentication_method, ended.bad_login);
  }
  std::optional<std::string_view> user_name;
  std::optional<ByteView> password;
  if (wish.user_name) user_name = *wish.user_name;
  if (wish.password) password = *wish.password;
  Result<std::optional<Identity>> known =
      co_await server_.authenticator_.authenticate({.client_id = wish.client_id,
                                                    .user_name = user_name,
                                                    .password = password,
                                                    .security = connection_->security(),
                                                    .peer = connection_->peer()});
  if (link_.is_closed()) co_return;
  if (!known.ok()) co_return refuse_connect(Reason::server_busy, ended.refused);
  if (!known->has_value()) {
    co_return refuse_connect(Reason::bad_user_name_or_password, ended.bad_login);
  }
  identity_ = std::move(**known);
  client_id_ = wish.client_id;
  if (const auto reason = judge_will()) co_return refuse_connect(*reason, ended.refused);
  let_in(wish);
}

void Client::let_in(const Wish& wish) {
  session_ = server_.broker_.attach(*this, client_id_, identity_.user);
  if (session_ == nullptr) {
    return refuse_connect(Reason::client_identifier_not_valid, server_.stats_.ended.refused);
  }
  let_in_ = true;
  --server_.stats_.unauthenticated;
  ++server_.stats_.connected;
  link_.accept({.assigned_client_id =
                    wish.has_assigned_id ? std::string_view(client_id_) : std::string_view(),
                .keep_alive_s = keep_alive_override(),
                .session_expiry_s = link_.session_expiry_s() == 0
                                        ? std::nullopt
                                        : std::optional<std::uint32_t>(0)});
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
