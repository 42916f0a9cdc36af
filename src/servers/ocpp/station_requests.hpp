// StationRequests: what a station asks, done: each CALL becomes a command of module charging, and
// has its answer when that is durable.
//
// A refusal of the module is an answer in OCPP's words (Invalid, Rejected). When the outcome is not
// known, or the cell is overloaded, the same command is tried again for a while; then done() gives
// its error, and the connection is to be closed without an answer: a station keeps what was not
// answered and says it again, but forgets what was answered with an error.
//
// What belongs to one session has one correlation: that of its Authorize or start, as long as the
// connection lasts; each record names the message that it came of.
//
// Thread: the server's core; one request at a time. Lifetime: of its connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/core.hpp"
#include "servers/charging/command_key.hpp"
#include "servers/charging/retry.hpp"
#include "servers/charging/signed_readings.hpp"
#include "wire/ocpp/error_code.hpp"
#include "wire/ocpp/v16/meter_values.hpp"

namespace keel::servers {

struct StationRequestOptions {
  std::int32_t heartbeat_interval_s = 300;
  std::int32_t boot_retry_interval_s = 60;  // told to a station that is not accepted
  RetryOptions retry;
  SignedRecordOptions records;
};

struct StationAnswer {
  std::string payload;   // of a CALLRESULT
  bool refused = false;  // a CALLERROR instead
  ocpp::ErrorCode code = ocpp::ErrorCode::generic_error;
  std::string why;
};

class StationRequests {
 public:
  StationRequests(runtime::Core& core, StationEvents& events, const StationRequestOptions& options,
                  std::string station, const ConnectionNonce& connection)
      : core_(core),
        events_(events),
        options_(options),
        station_(std::move(station)),
        connection_(connection) {}

  // What is asked lives until it is done.
  struct Asked {
    std::string_view message;  // its id
    std::string_view action;
    std::string_view payload;
  };
  runtime::Task<Result<StationAnswer>> done(Asked asked, runtime::Wait wait);

 private:
  template <typename Message>
  runtime::Task<Result<StationAnswer>> answer(std::string_view payload, runtime::Wait wait);

  // One for each message; `payload` of the answer is JSON.
  template <typename Message>
  runtime::Task<Result<std::string>> serve(const Message& message, runtime::Wait wait);

  // The command's outcome and answer, durable. By content: see command_key.hpp.
  enum class Known : std::uint8_t { by_content, by_occasion };
  template <typename Request>
  runtime::Task<Result<StationEvents::Reply>> submit(const Request& request, Known known,
                                                     runtime::Wait wait);
  // As readings of the module, their signatures checked.
  runtime::Task<Result<std::vector<charging::Reading>>> take_readings(
      const std::vector<ocpp::v16::MeterValue>& values, runtime::Wait wait);
  runtime::Task<Result<>> note(charging::NoteKind kind, std::string topic, std::string_view detail,
                               std::optional<Timestamp> time, runtime::Wait wait);
  // All but the last kMaxReadings, in commands of their own.
  runtime::Task<Result<>> record_beginning(std::vector<charging::Reading>& readings,
                                           charging::RecordReadings& record, runtime::Wait wait);

  // What came of the token's Authorize on this connection, or of the session's start on it; zero:
  // nothing is known, and the message stands for itself.
  CorrelationId take_authorization(const std::string& token);
  CorrelationId correlation_of(charging::SessionNumber session) const;
  void remember(charging::SessionNumber session, CorrelationId correlation);

  runtime::Core& core_;
  StationEvents& events_;
  const StationRequestOptions& options_;
  const std::string station_;
  const ConnectionNonce connection_;
  std::uint64_t occasions_ = 0;

  // Of the message that is being served.
  CausationId message_;
  CorrelationId correlation_;  // zero: its own
  CommandId last_command_;
  struct Authorized {
    std::string token;
    CorrelationId correlation;
  };
  std::vector<Authorized> authorized_;  // no session of theirs has begun; at most kMaxConnector
  struct Open {
    charging::SessionNumber session;
    CorrelationId correlation;
  };
  std::vector<Open> open_;  // sessions begun on this connection, at most kMaxConnector
};

}  // namespace keel::servers
