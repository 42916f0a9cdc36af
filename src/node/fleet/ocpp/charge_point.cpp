#include "node/fleet/ocpp/charge_point.hpp"

#include <algorithm>
#include <array>

#include "base/text/base64.hpp"
#include "runtime/errors.hpp"

namespace keel::node {

using ocpp::Step;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr std::string_view kProtocol = "ocpp1.6";
constexpr std::size_t kMostAsked = 64;  // remembered
// Requests that a simulated charge point can do: it says so, and does nothing.
constexpr std::array<std::string_view, 8> kAccepted{
    "RemoteStartTransaction", "RemoteStopTransaction", "Reset",
    "ChangeAvailability",     "ChangeConfiguration",   "ClearCache",
    "TriggerMessage",         "SendLocalList"};

}  // namespace

Task<Result<>> ChargePoint::connect(Wait wait) {
  socket_ = std::make_unique<WebSocketClient>(core_);
  rpc_ = std::make_unique<ocpp::Rpc>("c" + std::to_string(++connections_) + "-");
  std::string authorization;
  if (!options_.secret.empty()) {
    authorization = "Basic ";
    append_base64(authorization, as_bytes(options_.station + ":" + options_.secret));
  }
  co_return co_await socket_->open({.endpoint = options_.central_system,
                                    .path = options_.path + options_.station,
                                    .protocol = std::string(kProtocol),
                                    .authorization = std::move(authorization),
                                    .deflate = options_.deflate},
                                   wait);
}

Task<Result<std::string>> ChargePoint::call_text(std::string_view action, std::string_view payload,
                                                 Wait wait) {
  if (rpc_ == nullptr) co_return runtime::kConnectionLost;
  KEEL_CO_TRY(rpc_->call(action, payload));
  last_call_ = rpc_->take_output();
  KEEL_CO_TRY(co_await socket_->send(last_call_, wait));
  if (options_.echo) co_return co_await await_echo(wait);
  co_return co_await await_answer(wait);
}

Task<Result<std::string>> ChargePoint::await_echo(Wait wait) {
  rpc_->give_up();
  const std::string_view echoed = KEEL_CO_TRY(co_await socket_->receive(wait));
  if (echoed != last_call_) co_return Error(kNotEchoed, "got " + std::string(echoed.substr(0, 64)));
  co_return std::string();
}

Task<Result<std::string>> ChargePoint::await_answer(Wait wait) {
  while (KEEL_CO_TRY(co_await take_one(wait)) != Step::answered) continue;
  const ocpp::CallResult& result = rpc_->result();
  if (result.accepted) co_return std::string(result.payload);
  co_return Error(kCallRefused, std::string(result.code) + ": " + std::string(result.description));
}

// The central system answers a repetition as it did before; this side has no call under way, so the
// answer is read here.
Task<Result<std::string>> ChargePoint::repeat_call(Wait wait) {
  if (rpc_ == nullptr || last_call_.empty()) co_return runtime::kConnectionLost;
  KEEL_CO_TRY(co_await socket_->send(last_call_, wait));
  co_return std::string(KEEL_CO_TRY(co_await socket_->receive(wait)));
}

Task<Result<Step>> ChargePoint::take_one(Wait wait) {
  received_ = KEEL_CO_TRY(co_await socket_->receive(wait));
  const Step step = rpc_->receive(received_);
  if (step == Step::call) answer_call();
  if (step == Step::hopeless) co_return runtime::kConnectionLost;
  if (const std::string output = rpc_->take_output(); !output.empty())
    KEEL_CO_TRY(co_await socket_->send(output, wait));
  co_return step;
}

void ChargePoint::answer_call() {
  if (asked_.size() < kMostAsked)
    asked_.push_back(
        {.action = std::string(rpc_->action()), .payload = std::string(rpc_->payload())});
  if (std::ranges::find(kAccepted, rpc_->action()) != kAccepted.end()) {
    rpc_->answer(R"({"status":"Accepted"})");
  } else {
    rpc_->refuse(ocpp::ErrorCode::not_implemented, "a simulated charge point does not do that");
  }
}

Task<Result<std::vector<AskedCall>>> ChargePoint::listen(Wait wait) {
  for (;;) {
    const Result<Step> step = co_await take_one(wait);
    if (step.ok()) continue;
    if (step.error().is(runtime::kDeadline)) co_return std::exchange(asked_, {});
    co_return step.error();
  }
}

Task<> ChargePoint::close(Wait wait) {
  if (socket_ != nullptr) co_await socket_->close(wait);
}

void ChargePoint::cut() noexcept {
  if (socket_ != nullptr) socket_->cut();
}

}  // namespace keel::node
