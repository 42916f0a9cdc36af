// TerminalRequests: one message of a terminal, done: a command of module charging, and its answer
// when that is durable.
//
// Thread: the server's core. Lifetime: what it is given outlives it.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "runtime/core.hpp"
#include "servers/charging/command_key.hpp"
#include "servers/charging/retry.hpp"
#include "servers/charging/signed_readings.hpp"
#include "servers/charging/station_events.hpp"
#include "servers/terminals/terminal_bodies.hpp"
#include "servers/terminals/terminal_topic.hpp"

namespace keel::servers {

class TerminalRequests {
 public:
  TerminalRequests(runtime::Core& core, StationEvents& events, SignedRecordOptions records,
                   const RetryOptions& retry);

  // What is wrong with the message is an answer too (AnswerBody::error). An error: nobody knows
  // what has become of it.
  runtime::Task<Result<AnswerBody>> done(TerminalTopic topic, std::string_view json,
                                         runtime::Wait wait);

 private:
  template <typename Body>
  runtime::Task<Result<AnswerBody>> read_and_serve(std::string_view station, std::string_view json,
                                                   runtime::Wait wait);
  // One for each body.
  template <typename Body>
  runtime::Task<Result<AnswerBody>> serve(std::string_view station, const Body& body,
                                          runtime::Wait wait);

  // Known by what it says, or by being said.
  enum class Known : std::uint8_t { by_content, by_occasion };
  // The answer with what is in every answer; `take` adds what the request's own answer says.
  template <typename Request, typename Take>
  runtime::Task<Result<AnswerBody>> submit(const Request& request, Known known, Take take,
                                           runtime::Wait wait);
  runtime::Task<Result<std::vector<charging::Reading>>> take_readings(
      std::string_view station, const std::vector<ReadingBody>& bodies, runtime::Wait wait);

  runtime::Core& core_;
  StationEvents& events_;
  const SignedRecordOptions records_;
  const RetryOptions retry_;
  ConnectionNonce nonce_{};
  std::uint64_t occasions_ = 0;
};

}  // namespace keel::servers
