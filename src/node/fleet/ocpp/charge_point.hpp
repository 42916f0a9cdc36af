// ChargePoint: one simulated charge point that speaks OCPP 1.6-J. The protocol is wire/ocpp's; this
// is its WebSocket, its manners (it answers what it is asked) and its place in a script: one call
// after the other.
//
// Thread: one core, one task.
#pragma once

#include <memory>
#include <string>

#include "node/client/websocket_client.hpp"
#include "node/fleet/errors.hpp"
#include "runtime/core.hpp"
#include "wire/ocpp/rpc.hpp"
#include "wire/ocpp/v16/payload.hpp"

namespace keel::node {

struct ChargePointOptions {
  runtime::Endpoint central_system;
  std::string path = "/ocpp/";  // the station's name is put behind it
  std::string station;
  std::string secret;  // of basic authentication; empty: none is shown
  // permessage-deflate is offered with it; null: not. Outlives the charge point.
  websocket::Deflate* deflate = nullptr;
  // The other side is no central system: it sends back what it is sent, and that is the answer.
  // For what a plain echo of the same messages costs.
  bool echo = false;
};

// What a charge point was asked meanwhile.
struct AskedCall {
  std::string action;
  std::string payload;
};

class ChargePoint {
 public:
  ChargePoint(runtime::Core& core, ChargePointOptions options)
      : core_(core), options_(std::move(options)) {}

  // Connects, again if it was connected before. Errors of WebSocketClient::open().
  runtime::Task<Result<>> connect(runtime::Wait wait);

  // Calls the central system and waits for its answer. fleet.refused with the code of a CALLERROR;
  // errors of the connection, after which connect() is next.
  template <typename Message>
  runtime::Task<Result<typename Message::Response>> call(const Message& message,
                                                         runtime::Wait wait) {
    const std::string answer =
        KEEL_CO_TRY(co_await call_text(Message::kAction, ocpp::v16::write_payload(message), wait));
    if (options_.echo) co_return typename Message::Response{};
    co_return ocpp::v16::read_payload<typename Message::Response>(answer);
  }
  // The last call once more, as it was, with the id that it had: a replay.
  runtime::Task<Result<std::string>> repeat_call(runtime::Wait wait);

  // Answers what it is asked until then; what that was.
  runtime::Task<Result<std::vector<AskedCall>>> listen(runtime::Wait wait);

  // The orderly end, and the other one.
  runtime::Task<> close(runtime::Wait wait);
  void cut() noexcept;
  const std::string& station() const noexcept [[clang::lifetimebound]] { return options_.station; }

 private:
  runtime::Task<Result<std::string>> call_text(std::string_view action, std::string_view payload,
                                               runtime::Wait wait);
  runtime::Task<Result<std::string>> await_answer(runtime::Wait wait);
  runtime::Task<Result<std::string>> await_echo(runtime::Wait wait);
  // Takes in one message; what it was.
  runtime::Task<Result<ocpp::Step>> take_one(runtime::Wait wait);
  void answer_call();

  runtime::Core& core_;
  ChargePointOptions options_;
  std::unique_ptr<WebSocketClient> socket_;
  std::unique_ptr<ocpp::Rpc> rpc_;
  std::string received_;   // the last message: what the answer is a view of
  std::string last_call_;  // as it was sent
  std::vector<AskedCall> asked_;
  std::uint32_t connections_ = 0;
};

}  // namespace keel::node
