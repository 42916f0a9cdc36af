// HistoryReader: reads a cell's durable history for subscriptions and projections, beside the
// writer. A reader asks for one batch at a time and says where it goes on, so nothing is kept for a
// slow one but, while it is recent, a cursor.
//
// Thread: the cell's core. Bounds: HistoryLimits. What readers cost the writer of the cell is
// bounded too: however many there are, few read at once, and each for a short turn.
#pragma once

#include <list>
#include <memory>

#include "engine/history/frames.hpp"
#include "engine/history/record_filter.hpp"
#include "journal/port.hpp"
#include "runtime/core.hpp"
#include "runtime/sync/semaphore.hpp"

namespace keel::engine {

// One batch that is asked for. What it refers to lives until the pull has ended.
struct Pull {
  const RecordFilter* filter = nullptr;
  FrameBatch* into = nullptr;
  std::size_t budget_bytes = 256 * 1024;  // payloads; exceeded by one record at most
  Timestamp deadline;                     // then, when nothing has come, only a checkpoint is given
  std::uint64_t lag_limit = 1'000'000;    // records; see ReaderState::caught_up

  // Where the reader is; moved on by the pull.
  Position after;
  bool from_end = false;   // `after` is to become the end as it is now
  bool caught_up = false;  // it has been at the end: from now on it is cut (kReaderTooSlow) when it
                           // falls further behind than the limit
};

struct HistoryLimits {
  std::size_t pulls = 1024;  // under way at once, most of them waiting
  std::size_t reading = 4;   // of those, how many read at once; first come, first served
  std::size_t cursors = 64;  // idle ones
};

class HistoryReader {
 public:
  HistoryReader(runtime::Core& core, journal::Journal& journal, HistoryLimits limits)
      : core_(core), journal_(journal), limits_(limits), turns_(core, limits.reading) {}
  HistoryReader(const HistoryReader&) = delete;
  HistoryReader& operator=(const HistoryReader&) = delete;

  // Fills the batch; waits for something durable, but not beyond the deadline. The last frame is a
  // checkpoint or caught_up. kReaderTooSlow, kTooManyReaders, kNoSuchPosition; kCancelled; those of
  // the journal.
  runtime::Task<Result<>> pull(Pull& pull, runtime::Cancellation& cancellation);

  std::size_t pulling() const noexcept { return pulling_; }
  std::size_t reading() const noexcept { return limits_.reading - turns_.available(); }

 private:
  struct Idle {
    Position after;
    std::unique_ptr<journal::Cursor> cursor;
  };
  runtime::Task<Result<>> fill(Pull& pull, runtime::Cancellation& cancellation);
  runtime::Task<Result<>> read_on(Pull& pull, runtime::Cancellation& cancellation);
  runtime::Task<Result<std::unique_ptr<journal::Cursor>>> cursor_after(Position after);
  void keep(Position after, std::unique_ptr<journal::Cursor> cursor);

  runtime::Core& core_;
  journal::Journal& journal_;
  HistoryLimits limits_;
  runtime::Semaphore turns_;
  std::size_t pulling_ = 0;
  std::list<Idle> idle_;  // the most recently used first
};

}  // namespace keel::engine
