// TerminalCalls: calls to terminals: published to "charging/STATION/calls/ACTION", and over when
// the terminal publishes its result, or when the time is over (docs/terminals.md).
//
//   start {"token", "connector"}   stop {"session"}   unlock {"connector"}   reset {"hard"}
//
// Thread: the broker's core. Lifetime: what it is given outlives it. Bound: kMostCalls wait at
// once.
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

  TerminalCalls(runtime::Core& core, StationEvents& events, TerminalTalk& talk)
      : core_(core), events_(events), talk_(talk) {}

  bool knows(std::string_view action) const noexcept override;
  // Beside StationCaller's errors: terminals.no_such_action, those of base/json.
  runtime::Task<Result<CallOutcome>> call(Call call, runtime::Wait wait) override;

  // What a terminal says of a call. False: no such call waits for this station: it was never made,
  // or its time is over.
  bool finish(std::string_view station, const ResultBody& result);

 private:
  struct Waiting {
    std::string station;
    runtime::Notification over;
    CallOutcome outcome;
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
  std::map<charging::CallId, Waiting*> waiting_;
};

}  // namespace keel::servers
