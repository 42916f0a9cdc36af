// Enhanced authentication (MQTT 5, section 4.12), and the same once more of a client that is in.
#include "servers/mqtt/client.hpp"

namespace keel::broker {

using mqtt::Reason;
using runtime::Task;
using Verdict = AuthenticationExchange::Verdict;

namespace {

// So often a client may say something before the verdict.
constexpr unsigned kMostRounds = 8;

}  // namespace

Task<> Client::begin_authentication(Wish wish, Bytes data) {
  std::unique_ptr<AuthenticationExchange> exchange =
      server_.authenticator_.begin(link_.authentication_method(), login_of(wish));
  if (exchange == nullptr)
    co_return refuse_connect(Reason::bad_authentication_method, server_.stats_.ended.bad_login);
  authentication_ = std::make_unique<Authentication>();
  authentication_->exchange = std::move(exchange);
  authentication_->wish = std::move(wish);
  co_await take_round(std::move(data));
}

Task<> Client::on_authentication() {
  const auto& event = std::get<mqtt::AuthenticationReceived>(link_.event());
  const ByteView shown =
      event.auth.properties.binary(mqtt::PropertyId::authentication_data).value_or(ByteView{});
  Bytes data(shown.begin(), shown.end());
  link_.hold();
  received_ = {};
  if (authentication_ == nullptr) {  // a client that is in proves itself again
    authentication_ = std::make_unique<Authentication>();
    authentication_->wish.client_id = client_id_;
    if (!identity_.user.empty()) authentication_->wish.user_name = identity_.user;
    authentication_->exchange = server_.authenticator_.begin(link_.authentication_method(),
                                                             login_of(authentication_->wish));
    KEEL_ASSERT(authentication_->exchange != nullptr);  // it was let in by this method
  }
  co_await take_round(std::move(data));
}

Task<> Client::take_round(Bytes data) {
  if (++authentication_->rounds > kMostRounds)
    co_return refuse_authentication(Reason::not_authorized);
  Result<AuthenticationExchange::Round> round = co_await authentication_->exchange->next(data);
  if (link_.is_closed()) co_return;
  if (!round.ok()) co_return refuse_authentication(Reason::server_busy);
  if (round->verdict == Verdict::more) {
    link_.challenge(round->data);
    co_return flush();
  }
  co_await finish_authentication(std::move(round).value());
}

Task<> Client::finish_authentication(AuthenticationExchange::Round round) {
  if (round.verdict == Verdict::refused) co_return refuse_authentication(Reason::not_authorized);
  const std::unique_ptr<Authentication> done = std::move(authentication_);
  if (!let_in_) co_return co_await admit(std::move(round.identity), &done->wish, round.data);
  // A session is its user's: nobody becomes another one in it.
  if (round.identity.user != identity_.user)
    co_return refuse_authentication(Reason::not_authorized);
  identity_ = std::move(round.identity);
  link_.reauthenticated(round.data);
  flush();
}

void Client::refuse_authentication(Reason reason) noexcept {
  authentication_.reset();
  std::uint64_t& cause = reason == Reason::not_authorized ? server_.stats_.ended.bad_login
                                                          : server_.stats_.ended.refused;
  let_in_ ? refuse(reason, cause) : refuse_connect(reason, cause);
}

}  // namespace keel::broker
