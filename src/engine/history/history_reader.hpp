// HistoryReader: reads a cell's durable history for subscriptions and projections, beside the
// writer. A reader asks for one batch at a time and says where it goes on, so nothing is kept for a
// slow one but, while it is recent, a cursor.
//
// Thread: the cell's core. Bounds: `pull_limit` pulls at once; `cursor_limit` idle cursors.
#pragma once

#include <list>
#include <memory>

#include "engine/history/frames.hpp"
#include "engine/history/record_filter.hpp"
#include "journal/port.hpp"
#include "runtime/core.hpp"

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
  std::size_t pulls = 1024;
  std::size_t cursors = 64;
};

class HistoryReader {
 public:
  HistoryReader(runtime::Core& core, journal::Journal& journal, HistoryLimits limits)
      : core_(core), journal_(journal), limits_(limits) {}
  HistoryReader(const HistoryReader&) = delete;
  HistoryReader& operator=(const HistoryReader&) = delete;

  // Fills the batch; waits for something durable, but not beyond the deadline. The last frame is a
  // checkpoint or caught_up. kReaderTooSlow, kTooManyReaders, kNoSuchPosition; kCancelled; those of
  // the journal.
  runtime::Task<Result<>> pull(Pull& pull, runtime::Cancellation& cancellation);

  std::size_t pulling() const noexcept { return pulling_; }

 private:
  struct Idle {
    Position after;
    std::unique_ptr<journal::Cursor> cursor;
  };
  runtime::Task<Result<>> fill(Pull& pull, runtime::Cancellation& cancellation);
  runtime::Task<Result<std::unique_ptr<journal::Cursor>>> cursor_after(Position after);
  void keep(Position after, std::unique_ptr<journal::Cursor> cursor);

  runtime::Core& core_;
  journal::Journal& journal_;
  HistoryLimits limits_;
  std::size_t pulling_ = 0;
  std::list<Idle> idle_;  // the most recently used first
};

}  // namespace keel::engine
