// SlowLog: a journal in a distributed log far away, as a fake. Appends take 10 to 200 ms of the
// core's time, several are in flight, and an answer may be missing: then the group is in the log or
// not. A second writer that opens the log fences the first.
//
//   RemoteLog log;                                  // what is far away; outlives its writers
//   SlowLog journal(core, log, {.seed = 7});        // a writer: takes the next epoch
//
// After an unknown outcome, make another SlowLog over the same RemoteLog and look at durable().
// Thread: one core, or cores of one simulated world.
#pragma once

#include <deque>

#include "journal/fake/memory_journal.hpp"

namespace keel::journal {

enum class LogAnswer : std::uint8_t {
  durable,
  refused,              // by the log, nothing written
  unknown_and_written,  // the answer is lost, the group is there
  unknown_and_lost,     // the request is lost
};

struct RemoteLog {
  MemoryHistory history;
  // What becomes of the next appends; when it is empty the chances of SlowLogOptions decide.
  std::deque<LogAnswer> script;
  std::uint64_t fenced = 0;  // appends of a writer that had been replaced
};

struct SlowLogOptions {
  GroupCapacity capacity{.bytes = std::size_t{512} << 10, .records = 4096};
  Duration latency_low = Duration::milliseconds(10);
  Duration latency_high = Duration::milliseconds(200);
  std::size_t in_flight = 4;
  unsigned refused_percent = 0;
  unsigned unknown_percent = 0;  // half of them written
  std::uint64_t seed = 1;
};

class SlowLog final : public Journal {
 public:
  SlowLog(runtime::Core& core, RemoteLog& log, SlowLogOptions options);

  GroupBuilder* form() override;
  runtime::Task<AppendResult> append(GroupBuilder& group) override;
  void discard(GroupBuilder& group) override { builders_.release(group); }
  // What this writer has been told of; at the start everything that the log holds.
  Position durable() const override { return durable_; }
  Timestamp last_time() const override { return durable_time_; }
  std::size_t in_flight_limit() const override { return options_.in_flight; }
  std::string_view durability() const override { return "replicated, unsynced (fake)"; }
  runtime::Task<Result<std::unique_ptr<Cursor>>> read(Position after) override;
  runtime::Task<Result<>> wait_durable(Position after, runtime::Wait wait) override;
  runtime::Task<Result<>> close() override;

 private:
  std::uint64_t draw() noexcept;
  Duration half_a_round_trip() noexcept;
  LogAnswer next_answer() noexcept;
  runtime::Task<AppendResult> carry(GroupBuffer& group);

  runtime::Core& core_;
  RemoteLog& log_;
  SlowLogOptions options_;
  BuilderPool builders_;
  runtime::WaitQueue became_durable_;
  std::uint64_t random_;
  std::uint64_t epoch_;
  Position durable_;
  Timestamp durable_time_;
  Timestamp arrives_{};  // of the newest request: they arrive in order
  Timestamp answers_{};  // and are answered in order
  bool broken_ = false;
};

}  // namespace keel::journal
