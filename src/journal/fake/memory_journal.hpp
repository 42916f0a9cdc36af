// MemoryJournal: a journal that keeps its groups in memory and is durable at once. For tests of
// what stands above the journal: it forms, numbers, checksums and chains groups exactly as the
// local files do, and its cursors decode the same bytes.
//
// Thread: its core. Memory: everything that was appended, until it dies; several may share one
// history (MemoryHistory), one after the other, as a restart does.
#pragma once

#include <deque>
#include <memory>

#include "journal/builder_pool.hpp"
#include "journal/chain.hpp"
#include "journal/group_buffer.hpp"
#include "journal/port.hpp"
#include "runtime/core.hpp"
#include "runtime/wait_queue.hpp"

namespace keel::journal {

// What was written: the groups, one after the other, as chained by the format.
struct MemoryHistory {
  struct Group {
    GroupHeader header;
    Bytes bytes;
  };
  ChainState state;
  std::deque<Group> groups;

  // The next group of the chain, sealed into its place.
  void append(GroupBuffer& group);
};

struct MemoryJournalOptions {
  GroupCapacity capacity{.bytes = std::size_t{1} << 20, .records = 16'384};
};

class MemoryJournal final : public Journal {
 public:
  // The history outlives the journal; what is in it already is durable.
  MemoryJournal(runtime::Core& core, MemoryHistory& history, MemoryJournalOptions options = {});

  // What becomes of the next appends. After an unknown one everything is refused, as after a failed
  // write: make another journal over the same history.
  enum class Answer : std::uint8_t { durable, refused, unknown_and_written, unknown_and_lost };
  void answer(Answer answer) { answer_ = answer; }
  std::uint64_t appends() const noexcept { return appends_; }

  GroupBuilder* form() override;
  runtime::Task<AppendResult> append(GroupBuilder& group) override;
  void discard(GroupBuilder& group) override;
  Position durable() const override { return history_.state.last; }
  Timestamp last_time() const override { return history_.state.last_time; }
  std::size_t in_flight_limit() const override { return 1; }
  std::string_view durability() const override { return "none, memory"; }
  runtime::Task<Result<std::unique_ptr<Cursor>>> read(Position after) override;
  runtime::Task<Result<>> wait_durable(Position after, runtime::Wait wait) override;
  runtime::Task<Result<>> close() override;

 private:
  runtime::Core& core_;
  MemoryHistory& history_;
  BuilderPool builders_;
  runtime::WaitQueue became_durable_;
  Answer answer_ = Answer::durable;
  bool broken_ = false;
  std::uint64_t appends_ = 0;
};

// A cursor over a history, from `after` on; also what the slow remote log reads with. It goes no
// further than `end` says when it is asked; null: to the end. Both outlive it.
std::unique_ptr<Cursor> read_history(const MemoryHistory& history, Position after,
                                     const Position* end = nullptr);

}  // namespace keel::journal
