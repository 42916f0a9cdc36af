#include "servers/mqtt/client.hpp"

#include "runtime/errors.hpp"
#include "wire/mqtt/connection/session_rules.hpp"

namespace keel::broker {

using mqtt::Reason;
using mqtt::Step;
using runtime::Task;
using runtime::Wait;

namespace {

// What is read and thrown away after the end, so that the peer sees what was said last.
constexpr std::size_t kLingerBytes = 256 * 1'024;
// An output buffer that stays with its client while nothing is sent.
constexpr std::size_t kBytesKept = 256;

bool waits_for_the_broker(const mqtt::Event& event) {
  return std::holds_alternative<mqtt::ConnectRequested>(event) ||
         std::holds_alternative<mqtt::AuthenticationReceived>(event) ||
         std::holds_alternative<mqtt::SubscribeReceived>(event) ||
         std::holds_alternative<mqtt::UnsubscribeReceived>(event);
}

}  // namespace

Client::Client(Server& server, std::unique_ptr<runtime::Connection> connection,
               AdmissionListener* listener)
    : server_(server),
      connection_(std::move(connection)),
      listener_(listener),
      link_(server.options_.broker.link),
      written_(server.core_),
      unblocked_(server.core_),
      connect_limit_(server.core_.now() + server.options_.connect_timeout) {
  server_.clients_.insert(this);
  ++server_.stats_.open;
  ++server_.stats_.unauthenticated;
}

Client::~Client() {
  KEEL_ASSERT(session_ == nullptr);
  KEEL_ASSERT(!writing_);
  server_.clients_.erase(this);
  --server_.stats_.open;
  if (!let_in_) --server_.stats_.unauthenticated;
  for (TopicHandler* handler : server_.handlers_)
    if (let_in_) handler->went(identity_.user);
}

Task<> Client::run() {
  for (;;) {
    const Step step = link_.next();
    if (step == Step::closed) break;
    if (step == Step::event) {
      if (waits_for_the_broker(link_.event())) {
        co_await on_long_event();
      } else {
        on_event();
        if (server_.broker_.is_crowded()) co_await wait_for_room();
      }
      continue;
    }
    flush();
    if (step == Step::blocked) {
      if (!co_await wait_for_acknowledgement()) break;
    } else {
      received_ = {};
      if (!co_await receive_more()) break;
    }
  }
  received_ = {};
  detach();
  co_await see_off();
}

Task<> Client::on_long_event() {
  if (std::holds_alternative<mqtt::ConnectRequested>(link_.event())) {
    co_await on_connect();
  } else if (std::holds_alternative<mqtt::AuthenticationReceived>(link_.event())) {
    co_await on_authentication();
  } else if (const auto* wanted = std::get_if<mqtt::SubscribeReceived>(&link_.event())) {
    co_await on_subscribe(wanted->subscribe);
  } else {
    co_await on_unsubscribe(std::get<mqtt::UnsubscribeReceived>(link_.event()).unsubscribe);
  }
}

Wait Client::silence() noexcept {
  Wait wait{.cancellation = &stop_};
  if (!let_in_) return wait.until(connect_limit_);
  const auto limit_ms = mqtt::silence_limit_ms(link_.keep_alive_s());
  if (!limit_ms) return wait;
  return wait.until(server_.core_.now() +
                    Duration::milliseconds(static_cast<std::int64_t>(*limit_ms)));
}

Task<bool> Client::receive_more() {
  Result<runtime::Received> received = co_await connection_->receive(silence());
  if (link_.is_closed()) co_return false;
  ServerStats::Ended& ended = server_.stats_.ended;
  if (!received.ok() && received.error().is(runtime::kDeadline)) {
    refuse(Reason::keep_alive_timeout, let_in_ ? ended.keep_alive : ended.connect_timeout);
    co_return false;
  }
  if (!received.ok() || received->end_of_stream()) {
    lost_ = !received.ok();
    if (!std::exchange(counted_, true)) ++ended.by_client;
    co_return false;
  }
  received_ = std::move(received).value();
  server_.stats_.received_bytes += received_.bytes().size();
  link_.feed(received_.bytes());
  co_return true;
}

// Older versions cannot be told how much may be under way: they are not read until some of it is
// answered. False: nobody is there any more to be answered; waiting again would not wait.
Task<bool> Client::wait_for_acknowledgement() {
  link_.hold();
  received_ = {};
  if (!link_.is_blocked() || link_.is_closed()) co_return true;
  unblocked_.reset();
  const Result<> waited = co_await unblocked_.wait({.cancellation = &stop_});
  co_return waited.ok() || link_.is_closed();
}

Task<> Client::wait_for_room() {
  link_.hold();
  received_ = {};
  static_cast<void>(co_await server_.broker_.wait_for_room({.cancellation = &stop_}));
}

// The session goes its own way from here on.
void Client::detach() {
  Session* session = std::exchange(session_, nullptr);
  if (session == nullptr) return;
  server_.broker_.detach(*session, {.is_will_due = link_.is_will_due(), .expiry_s = new_expiry_s_});
}

void Client::dismiss() noexcept {
  if (session_ != nullptr) Broker::let_go(*session_);
  end(Reason::server_shutting_down);
}

void Client::end(Reason why) noexcept {
  session_ = nullptr;
  ServerStats::Ended& ended = server_.stats_.ended;
  refuse(why, why == Reason::session_taken_over ? ended.taken_over : ended.by_server);
}

// Says why, where the protocol has a word for it, and ends.
void Client::refuse(Reason why, std::uint64_t& cause) noexcept {
  if (!std::exchange(counted_, true)) ++cause;
  link_.disconnect(why);
  flush();
  stop_.request();
}

void Client::bar() noexcept {
  refuse(Reason::not_authorized, server_.stats_.ended.by_server);
}

void Client::cut() noexcept {
  lost_ = true;
  connection_->cut();
  stop_.request();
}

// Sending.

void Client::flush() noexcept {
  if (writing_ || lost_) return;
  const bool has_more = session_ != nullptr && session_->has_more();
  if (link_.output().empty() && !has_more) return;
  writing_ = true;
  written_.reset();
  server_.connections_.spawn(&Client::write, this);
}

Task<> Client::write() {
  while (!lost_) {
    const bool again = session_ != nullptr && server_.broker_.resume(*session_);
    if (link_.output().empty()) {
      if (!again) break;
      if (server_.broker_.is_crowded()) {
        static_cast<void>(co_await server_.broker_.wait_for_room(server_.connections_.wait()));
      } else {
        co_await server_.core_.yield();
      }
      continue;
    }
    sending_ = link_.take_output();
    const std::array<ByteView, 1> parts{sending_};
    const Timestamp limit = server_.core_.now() + server_.options_.send_timeout;
    const Result<> sent =
        co_await connection_->send(parts, server_.connections_.wait().until(limit));
    if (sent.ok()) {
      server_.stats_.sent_bytes += sending_.size();
      continue;
    }
    if (sent.error().is(runtime::kDeadline) && !std::exchange(counted_, true)) {
      ++server_.stats_.ended.slow;
    }
    cut();
  }
  if (sending_.capacity() > kBytesKept) sending_ = Bytes();
  writing_ = false;
  written_.set();
}

// What was said last is sent, and the peer is given a moment to read it: closing with unread bytes
// would reset the connection.
Task<> Client::see_off() {
  flush();
  while (writing_) static_cast<void>(co_await written_.wait({}));
  if (lost_) co_return;
  const Wait wait =
      server_.connections_.wait().until(server_.core_.now() + server_.options_.linger_time);
  if (!(co_await connection_->finish_sending(wait)).ok()) co_return;
  for (std::size_t read = 0; read < kLingerBytes;) {
    const Result<runtime::Received> received = co_await connection_->receive(wait);
    if (!received.ok() || received->end_of_stream()) co_return;
    read += received->bytes().size();
  }
}

}  // namespace keel::broker
