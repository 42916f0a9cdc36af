// OCPP-J: messages and what the side that hears them says. What must hold for any bytes:
//   1. What is read is written again alike: the same id, action and payload.
//   2. A call is answered once; the same call again is answered alike, and is not seen again.
//   3. A payload of OCPP 1.6 that can be read is read as the same whether its action is asked for
//   by
//      name or not, and refusing one always has a code.

#include <string>

#include "fuzz/fuzz_target.hpp"
#include "wire/ocpp/rpc.hpp"
#include "wire/ocpp/v16/actions.hpp"
#include "wire/ocpp/v16/payload.hpp"

namespace keel::fuzz {
namespace {

using namespace ocpp;

void check_round_trip(const Message& message) {
  if (message.type == MessageType::call_error) return;
  const std::string text = message.type == MessageType::call
                               ? write_call(message.id, message.action, message.payload)
                               : write_result(message.id, message.payload);
  const auto again = read_message(text, {.message_bytes = text.size()});
  KEEL_ASSERT(again.has_value());
  KEEL_ASSERT(!again->defect.has_value());
  KEEL_ASSERT(again->message.type == message.type);
  KEEL_ASSERT(again->message.id == message.id);
  KEEL_ASSERT(again->message.action == message.action);
  KEEL_ASSERT(again->message.payload == message.payload);
}

void check_payload(const Message& message) {
  const v16::ActionInfo* action = v16::find_action(message.action);
  if (action == nullptr || !action->supported()) return;
  const Result<> read = action->check_request(message.payload);
  if (!read.ok()) KEEL_ASSERT(!to_string(v16::refusal_code(read.error())).empty());
  static_cast<void>(action->check_response(message.payload));
}

void check_side(const std::string& text) {
  Rpc rpc("own-");
  KEEL_ASSERT(rpc.call("Reset", "{}").ok());
  const std::string asked = rpc.take_output();
  KEEL_ASSERT(read_message(asked, {}).has_value());
  switch (rpc.receive(text)) {
    case Step::call: {
      rpc.answer("{}");
      const std::string answer = rpc.take_output();
      KEEL_ASSERT(rpc.receive(text) == Step::nothing);
      KEEL_ASSERT(rpc.take_output() == answer);
      KEEL_ASSERT(rpc.counts().repeated_calls == 1);
      break;
    }
    case Step::answered:
      KEEL_ASSERT(rpc.may_call());
      KEEL_ASSERT(rpc.receive(text) == Step::nothing);
      KEEL_ASSERT(rpc.counts().repeated_answers == 1);
      break;
    case Step::nothing:
      KEEL_ASSERT(!rpc.may_call());
      break;
    case Step::hopeless:
      KEEL_ASSERT(false);
  }
}

}  // namespace
}  // namespace keel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel;
  const std::string text(as_text(std::as_bytes(std::span(data, size))));
  if (const auto read = ocpp::read_message(text, {}); read && !read->defect) {
    fuzz::check_round_trip(read->message);
    fuzz::check_payload(read->message);
  }
  fuzz::check_side(text);
  return 0;
}
