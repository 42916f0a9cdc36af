#include "servers/ocpp/station_link.hpp"

#include <algorithm>
#include <array>

#include "wire/ocpp/v16/actions.hpp"

namespace keel::servers {

using charging::CallResult;
using ocpp::Step;
using runtime::Task;
using websocket::CloseCode;
using websocket::Kind;

namespace {

// What an answer says of itself; most have a status, the others say yes by answering.
CallResult result_of(std::string_view action, std::string_view answer) {
  const ocpp::v16::ActionInfo* info = ocpp::v16::find_action(action);
  if (info == nullptr || !info->supported()) return CallResult::failed;
  const Result<std::string_view> status = info->check_response(answer);
  if (!status.ok()) return CallResult::failed;
  if (status->empty()) return CallResult::accepted;
  constexpr std::array<std::string_view, 5> kYes{"Accepted", "AcceptedCanceled", "Unlocked",
                                                 "Scheduled", "RebootRequired"};
  constexpr std::array<std::string_view, 2> kCannot{"NotSupported", "NotImplemented"};
  if (std::ranges::find(kYes, *status) != kYes.end()) return CallResult::accepted;
  if (std::ranges::find(kCannot, *status) != kCannot.end()) return CallResult::failed;
  return CallResult::rejected;
}

std::string name_of_calls(const ConnectionNonce& nonce) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = std::to_integer<unsigned>(nonce.at(i));
    name += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return name += '-';
}

}  // namespace

StationLink::StationLink(runtime::Core& core, StationLinks& links, StationEvents& events,
                         const StationLinkOptions& options, const std::string& station,
                         const ConnectionNonce& nonce)
    : core_(core),
      links_(links),
      options_(options),
      station_(station),
      requests_(core, events, options.requests, station, nonce),
      rpc_(name_of_calls(nonce), options.rpc) {}

Task<> StationLink::serve(WebSocket& socket) {
  socket_ = &socket;
  links_.enter(*this);
  co_await listen(socket);
  links_.leave(*this);
  end_all();
  socket_ = nullptr;
}

Task<> StationLink::listen(WebSocket& socket) {
  for (;;) {
    const Result<WebSocketMessage> message = co_await socket.receive(socket.wait());
    if (!message.ok()) co_return;
    if (message->kind != Kind::text) {
      socket.close(CloseCode::unsupported_data, "OCPP-J is text");
      co_return;
    }
    heard_at_ = core_.clock().wall();
    if (!co_await hear(socket, as_text(message->payload))) co_return;
    if (!co_await send_output(socket)) co_return;
    send_next();
  }
}

Task<bool> StationLink::hear(WebSocket& socket, std::string_view text) {
  switch (rpc_.receive(text)) {
    case Step::nothing:
      co_return true;
    case Step::hopeless:
      socket.close(CloseCode::policy_violation, "not OCPP-J");
      co_return false;
    case Step::answered:
      finish_call();
      co_return true;
    case Step::call:
      break;
  }
  const Result<StationAnswer> answer = co_await requests_.done(
      {.message = rpc_.id(), .action = rpc_.action(), .payload = rpc_.payload()}, socket.wait());
  if (!answer.ok()) {
    // A station keeps what was not answered, and forgets what was answered with an error.
    not_stored_ = true;
    socket.close(CloseCode::try_again_later, "not stored: say it again");
    co_return false;
  }
  if (answer->refused) {
    rpc_.refuse(answer->code, answer->why);
  } else {
    rpc_.answer(answer->payload);
  }
  co_return true;
}

Task<bool> StationLink::send_output(WebSocket& socket) {
  const std::string output = rpc_.take_output();
  if (output.empty()) co_return true;
  co_return (co_await socket.send(Kind::text, as_bytes(output), socket.wait())).ok();
}

void StationLink::replace() {
  if (socket_ != nullptr) socket_->close(CloseCode::policy_violation, "connected again elsewhere");
}

bool StationLink::enqueue(StationCall& call) {
  if (calls_.size() >= options_.waiting_calls) return false;
  call.link = this;
  calls_.push_back(&call);
  send_next();
  return true;
}

void StationLink::send_next() {
  while (!calls_.empty() && rpc_.may_call() && !calls_.front()->sent) {
    StationCall& call = *calls_.front();
    if (call.deadline <= core_.now()) {
      end(call, {.result = CallResult::not_sent, .error = "other calls were before it"});
      continue;
    }
    if (!rpc_.call(call.action, call.payload).ok()) return;
    const std::string output = rpc_.take_output();
    if (socket_ != nullptr && socket_->try_send(Kind::text, as_bytes(output)).ok()) {
      call.sent = true;
      return;
    }
    rpc_.give_up();
    end(call, {.result = CallResult::not_sent, .error = "station does not read"});
  }
}

void StationLink::finish_call() {
  // Withdrawn ones are given up, so that their answers do not come here.
  KEEL_ASSERT(!calls_.empty() && calls_.front()->sent);
  StationCall& call = *calls_.front();
  const ocpp::CallResult& result = rpc_.result();
  if (result.accepted) {
    end(call,
        {.result = result_of(call.action, result.payload), .answer = std::string(result.payload)});
  } else {
    end(call, {.result = CallResult::failed,
               .error = std::string(result.code),
               .detail = std::string(result.description)});
  }
}

void StationLink::withdraw(StationCall& call) {
  const bool sent = call.sent;
  if (sent) rpc_.give_up();
  end(call, {.result = sent ? CallResult::timed_out : CallResult::not_sent,
             .error = sent ? "no answer in time" : "other calls were before it"});
  send_next();
}

void StationLink::end(StationCall& call, CallOutcome outcome) {
  calls_.erase(std::ranges::find(calls_, &call));
  call.outcome = std::move(outcome);
  call.link = nullptr;
  call.over.set();
}

void StationLink::end_all() {
  rpc_.give_up();
  while (!calls_.empty()) {
    StationCall& call = *calls_.front();
    // What was sent may have been done: only the station knows.
    end(call, {.result = call.sent ? CallResult::timed_out : CallResult::not_sent,
               .error = "the connection has ended"});
  }
}

}  // namespace keel::servers
