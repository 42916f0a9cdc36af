#include "journal/fake/memory_journal.hpp"

#include "journal/errors.hpp"

namespace keel::journal {
namespace {

class HistoryCursor final : public Cursor {
 public:
  HistoryCursor(const MemoryHistory& history, Position after, const Position* end)
      : history_(history), end_(end), last_(after) {
    const auto& groups = history.groups;
    next_group_ = static_cast<std::size_t>(
        std::ranges::upper_bound(groups, after, {},
                                 [](const auto& group) { return group.header.last_sequence(); }) -
        groups.begin());
  }

  runtime::Task<Result<std::optional<Record>>> next() override {
    for (;;) {
      while (std::optional<Record> record = records_.next()) {
        if (record->envelope.sequence <= last_) continue;
        last_ = record->envelope.sequence;
        co_return record;
      }
      if (next_group_ == history_.groups.size()) co_return std::optional<Record>();
      if (end_ != nullptr && last_ >= *end_) co_return std::optional<Record>();
      const MemoryHistory::Group& group = history_.groups[next_group_++];
      records_ = GroupRecords(group.header, group.bytes);
    }
  }

 private:
  const MemoryHistory& history_;
  const Position* end_;
  Position last_;
  std::size_t next_group_ = 0;
  GroupRecords records_;
};

}  // namespace

void MemoryHistory::append(GroupBuffer& group) {
  const GroupHeader header =
      group.finish({.flags = 0,
                    .identity = state.identity,
                    .segment_index = 1,
                    .group_number = state.groups + 1,
                    .epoch = state.epoch,
                    .file_offset = (state.groups + 2) * kBlockBytes,  // nominal
                    .previous = state.previous});
  const ByteView bytes = group.group_bytes();
  state.take(header, bytes);
  groups.push_back({.header = header, .bytes = Bytes(bytes.begin(), bytes.end())});
}

std::unique_ptr<Cursor> read_history(const MemoryHistory& history, Position after,
                                     const Position* end) {
  return std::make_unique<HistoryCursor>(history, after, end);
}

MemoryJournal::MemoryJournal(runtime::Core& core, MemoryHistory& history,
                             MemoryJournalOptions options)
    : core_(core), history_(history), builders_(options.capacity, 2), became_durable_(core) {
  ++history_.state.epoch;
}

GroupBuilder* MemoryJournal::form() {
  return builders_.form(durable(), last_time());
}

void MemoryJournal::discard(GroupBuilder& group) {
  builders_.release(group);
}

runtime::Task<AppendResult> MemoryJournal::append(GroupBuilder& group) {
  GroupBuffer& buffer = builders_.submit(group);
  co_await core_.yield();  // never durable before the caller has suspended, as with a disk
  ++appends_;
  builders_.release(group);
  if (broken_) co_return AppendResult{AppendOutcome::refused, kBroken};
  if (buffer.first_sequence().value() != durable().value() + 1) {
    co_return AppendResult{AppendOutcome::refused, kOutOfOrder};
  }
  if (answer_ == Answer::refused) co_return AppendResult{AppendOutcome::refused, kNoSpace};
  if (answer_ != Answer::unknown_and_lost) {
    history_.append(buffer);
    became_durable_.wake_all();
  }
  if (answer_ == Answer::durable) co_return AppendResult{AppendOutcome::durable, std::nullopt};
  broken_ = true;
  co_return AppendResult{AppendOutcome::unknown, kUnknownOutcome};
}

runtime::Task<Result<std::unique_ptr<Cursor>>> MemoryJournal::read(Position after) {
  if (after > durable()) co_return kNoSuchPosition;
  co_return read_history(history_, after);
}

runtime::Task<Result<>> MemoryJournal::wait_durable(Position after, runtime::Wait wait) {
  while (durable() <= after) KEEL_CO_TRY(co_await became_durable_.wait(wait));
  co_return success();
}

runtime::Task<Result<>> MemoryJournal::close() {
  broken_ = true;
  co_return success();
}

}  // namespace keel::journal
