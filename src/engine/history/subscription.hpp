// Subscription: a reader of a cell's durable history, from any core:
//
//   Subscription subscription(client, principal, filter, Subscription::from_start());
//   FrameBatch batch;
//   while ((co_await subscription.next(batch, wait)).ok()) { … }
//
// It pulls one batch at a time, so a slow reader holds nothing up and costs nothing; one that has
// been at the end and then falls too far behind is cut with kReaderTooSlow. It may go on later from
// the position of any frame.
//
// Thread: the client's core. Lifetime: the client outlives it.
#pragma once

#include "engine/history/history_reader.hpp"
#include "engine/requests/client.hpp"

namespace keel::engine {

class Subscription {
 public:
  // A batch comes no later than this, when need be with a checkpoint alone; it bounds how long the
  // end of a subscription has to wait for a pull under way.
  static constexpr Duration kLongestPull = Duration::milliseconds(500);

  struct From {
    Position after;
    bool end = false;
  };
  static From from_start() { return {}; }
  static From from_end() { return {.after = {}, .end = true}; }
  static From from_after(Position after) { return {.after = after}; }

  Subscription(CellClient& client, PrincipalId principal, RecordFilter filter, From from,
               std::uint64_t lag_limit = 1'000'000);

  // The next batch. kNotAllowed, kReaderTooSlow, kNoSuchPosition, kTooManyReaders, kQueueFull;
  // kStopping when the cell is not open just now (go on from position() later).
  runtime::Task<Result<>> next(FrameBatch& into, runtime::Wait wait);

  // Batches of about so many bytes of payload, one record at least: for readers of short pieces.
  void limit_batches(std::size_t bytes) noexcept { pull_.budget_bytes = bytes; }

  // Everything up to here has been given.
  Position position() const noexcept { return pull_.after; }

 private:
  CellClient& client_;
  PrincipalId principal_;
  RecordFilter filter_;
  Pull pull_;
};

}  // namespace keel::engine
