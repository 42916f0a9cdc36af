// StationRequests: what a station asks, done: each CALL becomes a command of module charging, and
// has its answer when that is durable.
//
// A refusal of the module is an answer in OCPP's words (Invalid, Rejected). When the outcome is not
// known, or the cell is overloaded, the same command is tried again for a while; then done() gives
// its error, and the connection is to be closed without an answer: a station keeps what was not
// answered and says it again, but forgets what was answered with an error.
//
// Thread: the server's core; one request at a time. Lifetime: of its connection.
#pragma once

#include <string>
#include <string_view>

#include "runtime/core.hpp"
#include "servers/ocpp/command_key.hpp"
#include "servers/ocpp/station_events.hpp"
#include "wire/ocpp/error_code.hpp"

namespace keel::servers {

struct StationRequestOptions {
  std::int32_t heartbeat_interval_s = 300;
  std::int32_t boot_retry_interval_s = 60;             // told to a station that is not accepted
  std::uint32_t attempts = 6;                          // of one command
  Duration first_pause = Duration::milliseconds(100);  // twice as long each time
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

  runtime::Task<Result<StationAnswer>> done(std::string_view action, std::string_view payload,
                                            runtime::Wait wait);

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
  runtime::Task<Result<StationEvents::Reply>> submit_encoded(CommandId id, kernel::CommandType type,
                                                             ByteView payload, runtime::Wait wait);
  runtime::Task<Result<>> note(charging::NoteKind kind, std::string topic, std::string_view detail,
                               Timestamp time, runtime::Wait wait);
  // All but the last kMaxReadings, in commands of their own.
  runtime::Task<Result<>> record_beginning(std::vector<charging::Reading>& readings,
                                           charging::RecordReadings& record, runtime::Wait wait);

  runtime::Core& core_;
  StationEvents& events_;
  const StationRequestOptions& options_;
  const std::string station_;
  const ConnectionNonce connection_;
  std::uint64_t occasions_ = 0;
};

}  // namespace keel::servers
