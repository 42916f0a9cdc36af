// Rpc: one side of an OCPP-J connection (1.6 section 4; the same in 2.0.1) as a state machine:
// texts in, steps and texts out. Both roles are alike: each side may call, and one call of each
// side is under way at a time; the two may cross.
//
//   switch (rpc.receive(text)) {
//     case Step::call:     … rpc.answer(payload) or rpc.refuse(code, why); send rpc.take_output();
//     case Step::answered: use(rpc.result());                                break;
//     case Step::nothing:  send rpc.take_output(), which may be empty;       break;
//     case Step::hopeless: close the connection;                             break;
//   }
//
// What breaks others is dealt with here:
// - A call whose id and content are those of a recent one gets the answer of that one, and is not
//   seen again. The same id with other content is another call: some count from 1 after each start.
// - An answer that comes late, again, or to an id that was never sent, is counted and dropped.
// - What is no message is counted; after too many in a row the connection is hopeless.
//
// Bounds: MessageLimits, RpcLimits. Memory while idle: the last answers, at most `kept_bytes`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "wire/ocpp/error_code.hpp"
#include "wire/ocpp/errors.hpp"
#include "wire/ocpp/message.hpp"

namespace keel::ocpp {

struct RpcLimits {
  MessageLimits message;
  std::size_t kept_answers = 8;
  std::size_t kept_bytes = 2'048;  // of all of them
  std::uint32_t bad_in_a_row = 32;
};

enum class Step : std::uint8_t {
  nothing,
  call,      // action(), payload(): wants an answer before anything else is received
  answered,  // the call that was under way has come to its end: result()
  hopeless,
};

struct RpcCounts {
  std::uint64_t calls = 0;           // that the peer made
  std::uint64_t repeated_calls = 0;  // answered from memory
  std::uint64_t reused_ids = 0;      // the id of a recent call with other content
  std::uint64_t refused = 0;         // with a CALLERROR
  std::uint64_t late_answers = 0;    // to a call that was given up
  std::uint64_t repeated_answers = 0;
  std::uint64_t unknown_answers = 0;
  std::uint64_t bad_messages = 0;
};

// How a call of this side ended. Views are valid until the next receive().
struct CallResult {
  bool accepted = false;         // a CALLRESULT
  std::string_view payload;      // its payload, or the details of an error
  std::string_view code;         // of an error
  std::string_view description;  // of an error
};

class Rpc {
 public:
  // Ids of own calls are `name` and a number: a name for each connection lets no answer that was
  // meant for an earlier one pass for ours.
  explicit Rpc(std::string name, const RpcLimits& limits = {})
      : limits_(limits), name_(std::move(name)) {}

  // Not while a call of the peer waits for its answer. The text must live until it has been
  // answered, and until result() has been read.
  Step receive(std::string_view text);

  // The call that receive() told of.
  std::string_view id() const noexcept { return message_.id; }
  std::string_view action() const noexcept { return message_.action; }
  std::string_view payload() const noexcept { return message_.payload; }
  // One of them, once.
  void answer(std::string_view payload);
  void refuse(ErrorCode code, std::string_view why);

  // Calls the peer: the id that it has. kCallUnderWay.
  Result<std::string> call(std::string_view action, std::string_view payload);
  bool may_call() const noexcept { return own_call_.empty(); }
  // Nobody waits for the answer any more; one that comes is late.
  void give_up();
  const CallResult& result() const noexcept [[clang::lifetimebound]] { return result_; }

  // One message; empty: none.
  std::string take_output() noexcept { return std::exchange(output_, {}); }
  const RpcCounts& counts() const noexcept [[clang::lifetimebound]] { return counts_; }

 private:
  struct Answered {
    std::string id;
    std::uint64_t content = 0;  // hash of action and payload
    std::string answer;
  };

  Step receive_call(const ReadMessage& read);
  Step receive_answer(const ReadMessage& read);
  Step bad();
  void finish(std::string answer);

  RpcLimits limits_;
  std::string name_;
  Message message_;
  bool answering_ = false;
  std::vector<Answered> answers_;  // the last ones, the oldest first
  std::size_t answers_bytes_ = 0;
  std::string own_call_;                 // the id of the call under way; empty: none
  std::array<std::string, 4> given_up_;  // the ids of the last ones
  std::size_t next_given_up_ = 0;
  std::string last_answered_;
  std::uint64_t last_id_ = 0;
  std::uint32_t bad_ = 0;
  CallResult result_;
  std::string output_;
  RpcCounts counts_;
};

}  // namespace keel::ocpp
