// MessageLoad: charge points that stay connected and say only what must be durable before it is
// answered: StartTransaction, MeterValues, StopTransaction, session after session. For what such a
// message costs.
//
// With a rate the load is open: a message's latency counts from the moment at which it was to be
// sent, whether or not its charge point was ready then (coordinated omission corrected). Without
// one it is closed. It can be stopped in the middle of sessions and go on later, so that servers
// are measured in turns; finish() brings the sessions to their end.
//
// Thread: one core of the process that measures.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/fleet/charging/enroll.hpp"
#include "node/fleet/ocpp/charge_point.hpp"
#include "node/load/histogram.hpp"
#include "node/load/slots.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

struct MessageLoadOptions {
  runtime::Endpoint central_system;
  std::string path = "/ocpp/";
  std::vector<EnrolledStation> stations;
  bool echo = false;             // ChargePointOptions::echo
  std::uint32_t active = 1'000;  // of the stations: who has sessions; the others are idle
  std::uint32_t readings = 10;   // a session
  std::int32_t step_wh = 500;    // between two readings
  std::uint64_t rate = 0;        // messages a second, all together; 0: as fast as answers come
};

struct MessageLoadResult {
  std::uint64_t messages = 0;  // answered
  std::uint64_t sessions = 0;  // whose stop was answered
  std::uint64_t failed = 0;    // charge points that gave up, with what `last_error` says
  Histogram latency;
  std::string last_error;

  // Takes in what came after.
  void add(const MessageLoadResult& later);
};

class MessageLoad {
 public:
  MessageLoad(runtime::Core& core, MessageLoadOptions options);
  ~MessageLoad();

  // Connects the first `count` charge points that are not connected yet; each says what one says
  // after a start, and enough heartbeats that its connection has all the memory that it will have.
  runtime::Task<Result<>> connect(std::size_t count, runtime::Wait wait);
  // Cuts all but the first `count`.
  void keep(std::size_t count) noexcept;
  std::size_t connected() const noexcept { return points_.size(); }

  // Until stop(); returns when every message that was sent has its answer.
  runtime::Task<> run(runtime::Wait wait);
  void stop() noexcept;
  // The sessions that are begun, as fast as may be.
  runtime::Task<> finish(runtime::Wait wait);

  // Sessions whose stop was answered, since the start.
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  // What has happened since the last call.
  MessageLoadResult take() { return std::exchange(result_, {}); }

 private:
  struct Point;

  static runtime::Task<> connect_some(MessageLoad* load, std::size_t count, runtime::Wait wait);
  runtime::Task<Result<>> come(Point& point, runtime::Wait wait);
  static runtime::Task<> charge(MessageLoad* load, Point* point, bool to_the_end,
                                runtime::Wait wait);
  runtime::Task<Result<>> next_message(Point& point, runtime::Wait wait);
  void failed(const Error& why);

  runtime::Core& core_;
  MessageLoadOptions options_;
  std::vector<std::unique_ptr<Point>> points_;  // the first ones of the stations
  std::size_t next_ = 0;                        // station to connect
  std::optional<Error> not_connected_;
  Slots slots_;
  runtime::Scope* running_ = nullptr;
  std::uint64_t acknowledged_ = 0;
  MessageLoadResult result_;
};

}  // namespace keel::node
