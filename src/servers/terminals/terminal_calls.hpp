// TerminalCalls: calls to terminals: published to "charging/STATION/calls/ACTION", and over when
// the terminal publishes its result, or when the time is over (docs/terminals.md).
//
//   start {"token", "connector"}   stop {"session"}   unlock {"connector"}   reset {"hard"}
//
// Thread: the broker's core. Lifetime: what it is given outlives it. Bound: kMostCalls are open at
// once: neither answered nor over.
#pragma once

#include <map>

#include "runtime/core.hpp"
#include "runtime/sync/notification.hpp"
#include "servers/charging/station_caller.hpp"
#include "servers/terminals/terminal_bodies.hpp"

namespace keel::servers {

// Where answers and calls are published; the broker, or in tests something in memory.
class TerminalTalk {
 public:
  // At QoS 1, for those who have subscribed; `expiry_s`: not later than that. Zero: whenever.
  virtual void say(std::string_view topic, std::string_view payload, std::uint32_t expiry_s) = 0;
  // How many that are connected now would hear it.
  virtual std::size_t listeners(std::string_view topic) = 0;

 protected:
  ~TerminalTalk() = default;
};

class TerminalCalls final : public StationCaller {
 public:
  static constexpr std::size_t kMostCalls = 1'024;

  TerminalCalls(runtime::Core& core, StationEvents& events, TerminalTalk& talk,
                const RetryOptions& retry)
      : core_(core), events_(events), talk_(talk), retry_(retry) {}

  bool knows(std::string_view action) const noexcept override;
  // Beside StationCaller's errors: terminals.no_such_action, those of base/json.
  runtime::Task<Result<CallOutcome>> call(Call call, runtime::Wait wait) override;

  // What a terminal says of a call, durable; also when who made it has gone. False: no such call of
  // this station is open: it was never made, it has been answered, or its time is over.
  runtime::Task<Result<bool>> finish(std::string_view station, const ResultBody& result,
                                     runtime::Wait wait);

 private:
  struct Waiting {
    runtime::Notification over;
    CallOutcome outcome;
  };
  struct Open {
    std::string station;
    Timestamp deadline;
    Waiting* waiting;  // null: who made it has gone
  };
  // The record of a call and what is published of it.
  struct Made {
    charging::RequestCall record;
    std::string payload;
  };
  static Result<Made> make(const Call& call);
  runtime::Task<CallOutcome> ask(const Call& call, const Made& made, runtime::Wait wait);

  runtime::Core& core_;
  StationEvents& events_;
  TerminalTalk& talk_;
  const RetryOptions retry_;
  std::map<charging::CallId, Open> open_;
};

}  // namespace keel::servers
