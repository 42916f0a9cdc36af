// TerminalService: what terminals and meters say over the broker (docs/terminals.md). A station's
// messages are done one after the other, in their order: a reading that waits for its place in the
// cell is not overtaken by the stop behind it, and when it cannot be stored what is behind it is
// not either: all of it is said again. And what they are asked to do: calls().
//
// Thread: the broker's core. Lifetime: what it is given outlives it; it outlives the broker's
// run(). Bounds: those of TopicHandler, and kMostOfStation.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/sync/semaphore.hpp"
#include "servers/mqtt/broker/topic_handler.hpp"
#include "servers/terminals/terminal_calls.hpp"
#include "servers/terminals/terminal_requests.hpp"

namespace keel::servers {

// Counters since the start.
struct TerminalStats {
  std::uint64_t messages = 0;
  std::uint64_t refused = 0;     // answered with an error
  std::uint64_t not_stored = 0;  // not acknowledged: nobody knew what had become of them
};

class TerminalService final : public broker::TopicHandler {
 public:
  // Messages of one station under way; one more is as one that cannot be stored.
  static constexpr std::size_t kMostOfStation = 64;

  TerminalService(runtime::Core& core, StationEvents& events, SignedRecordOptions records,
                  TerminalTalk& talk, const RetryOptions& retry = {})
      : core_(core),
        requests_(core, events, records, retry),
        talk_(talk),
        calls_(core, events, talk, retry) {}

  bool takes(std::string_view topic) const noexcept override;
  runtime::Task<Result<mqtt::Reason>> handle(broker::HandledMessage message,
                                             runtime::Wait wait) override;

  StationCaller& calls() noexcept [[clang::lifetimebound]] { return calls_; }
  const TerminalStats& stats() const noexcept [[clang::lifetimebound]] { return stats_; }

 private:
  struct Turn {
    explicit Turn(runtime::Core& core) : place(core, 1) {}
    runtime::Semaphore place;
    std::size_t messages = 0;  // that have it or wait for it
    std::optional<Error> failed;
  };
  runtime::Task<Result<mqtt::Reason>> answer(TerminalTopic topic, std::string_view json,
                                             runtime::Wait wait);
  // What a terminal says of a call to it.
  runtime::Task<Result<AnswerBody>> take_result(std::string_view station, std::string_view json,
                                                runtime::Wait wait);

  runtime::Core& core_;
  TerminalRequests requests_;
  TerminalTalk& talk_;
  TerminalCalls calls_;
  TerminalStats stats_;
  std::map<std::string, Turn, std::less<>> turns_;  // of stations that have a message under way
};

}  // namespace keel::servers
