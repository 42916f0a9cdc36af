// OCPP-J: messages and what the side that hears them says. What must hold for any bytes:
//   1. What is read is written again alike: the same id, action and payload.
//   2. A call is answered once; the same call again is answered alike, and is not seen again.
//   3. In a conversation (a line a message; "!" makes a call of our own, or gives it up) a
//      call that has just been answered is answered alike when it comes again, unless the answer
//      was that it may go better another time.
//   4. A payload of OCPP 1.6 that can be read is read as the same whether its action is asked
//      for by name or not, and refusing one always has a code.

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

// The answer of a station-less central system to the call that has come; false: it is not kept.
bool answer_call(Rpc& rpc) {
  if (rpc.action() == "Heartbeat") {
    rpc.refuse(ErrorCode::internal_error, "later");
    return false;
  }
  if (rpc.action() == "DataTransfer") {
    rpc.refuse(ErrorCode::not_supported, "never");
  } else {
    rpc.answer(R"({"status":"Accepted"})");
  }
  return true;
}

void check_conversation(std::string_view text) {
  Rpc rpc("own-", {.kept_answers = 2, .kept_bytes = 96});
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line == "!") {
      if (rpc.may_call()) {
        KEEL_ASSERT(rpc.call("Reset", "{}").ok());
      } else {
        rpc.give_up();
        KEEL_ASSERT(rpc.may_call());
      }
      static_cast<void>(rpc.take_output());
      continue;
    }
    const Step step = rpc.receive(line);
    if (step == Step::hopeless) return;
    if (step != Step::call) {
      static_cast<void>(rpc.take_output());
      continue;
    }
    const bool kept = answer_call(rpc);
    const std::string answer = rpc.take_output();
    KEEL_ASSERT(read_message(answer, {}).has_value());
    if (!kept || answer.size() > 96) continue;
    KEEL_ASSERT(rpc.receive(line) == Step::nothing);
    KEEL_ASSERT(rpc.take_output() == answer);
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
  fuzz::check_conversation(text);
  return 0;
}
