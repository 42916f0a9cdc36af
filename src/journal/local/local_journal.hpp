// LocalJournal: the journal in segment files of one directory (docs/journal-format.md).
//
//   auto opened = co_await LocalJournal::open(core, "keel_data/journal", {.cell = CellId(1)});
//   …
//   co_await opened->journal->close();   // always, also when it has failed
//
// One group is in flight, one write a group. What else must be done (sealing, preallocating the
// next segment, signing heads) goes on in the journal's own scope, off the path of any reply.
//
// Thread: one core. Lifetime: cursors die before the journal; close() before destruction. Memory:
// two group buffers, one sparse index and a few blocks, whatever the journal's size.
#pragma once

#include <memory>
#include <string>

#include "journal/builder_pool.hpp"
#include "journal/local/head_log.hpp"
#include "journal/local/local_cursor.hpp"
#include "journal/local/options.hpp"
#include "journal/local/recovery.hpp"
#include "journal/local/segment_supply.hpp"
#include "journal/local/sparse_index.hpp"
#include "journal/port.hpp"
#include "runtime/scope.hpp"
#include "runtime/sync/semaphore.hpp"

namespace keel::journal {

class LocalJournal final : public Journal {
 public:
  struct Opened {
    std::unique_ptr<LocalJournal> journal;
    RecoveryReport report;
  };
  // Makes the journal when there is none. kInUse: another process has it open; kCorrupt,
  // kNewerFormat: refused, nothing was changed; kBadOptions; else an error of the disk.
  static runtime::Task<Result<Opened>> open(runtime::Core& core, std::string_view directory,
                                            LocalOptions options);
  ~LocalJournal() override;

  GroupBuilder* form() override;
  runtime::Task<AppendResult> append(GroupBuilder& group) override;
  void discard(GroupBuilder& group) override { builders_.release(group); }
  Position durable() const override { return end_.last; }
  Timestamp last_time() const override { return state_.last_time; }
  std::size_t in_flight_limit() const override { return 1; }
  std::string_view durability() const override;
  runtime::Task<Result<std::unique_ptr<Cursor>>> read(Position after) override;
  runtime::Task<Result<>> wait_durable(Position after, runtime::Wait wait) override;
  runtime::Task<Result<>> checkpoint(Position position) override;
  runtime::Task<Result<>> check_after(Position after) override;
  runtime::Task<Result<>> close() override;

  // Signs the chain head as it is now; kBadOptions without a signer.
  runtime::Task<Result<HeadEntry>> sign_head();
  // The same, soon, by the journal's own task: the signer is told when it is stored.
  void ask_for_head() noexcept {
    head_asked_ = true;
    head_wanted_.wake_all();
  }

  const ChainIdentity& identity() const noexcept { return state_.identity; }
  std::uint64_t epoch() const noexcept { return state_.epoch; }
  std::uint64_t seals_written() const noexcept { return seals_written_; }

 private:
  LocalJournal(runtime::Core& core, std::string directory, LocalOptions options);

  runtime::Task<Result<>> begin(RecoveryReport& report);
  runtime::Task<Result<>> take_over(const Recovered& found);
  runtime::Task<Result<>> make_directory();
  // Where reading begins to meet `sequence`.
  runtime::Task<Result<WalkPlace>> place_of(Position sequence);
  runtime::Task<AppendResult> write_in_turn(GroupBuffer& group);
  runtime::Task<AppendResult> write_empty(std::uint32_t flags);
  runtime::Task<AppendResult> write_group(GroupBuffer& group, std::uint32_t flags);
  runtime::Task<Result<>> write(Segment& segment, std::uint64_t offset, ByteView bytes);
  runtime::Task<> seal_when_idle(runtime::Wait wait);
  runtime::Task<> sign_periodically(runtime::Wait wait);
  runtime::Task<Result<>> seal_if_due(Timestamp due, runtime::Wait wait);

  runtime::Core& core_;
  std::string directory_;
  LocalOptions options_;
  std::unique_ptr<runtime::File> lock_;
  SparseIndex index_;
  ChainState state_;  // of what is durable
  DurableEnd end_;
  ChainPoint beginning_;  // not segment 1: what stood before is in an archive
  ChainPoint checked_from_;
  SegmentStarts starts_;
  std::optional<Checkpoint> checkpoint_;  // the last one written
  Segment segment_;                       // in use; index 0: none yet
  std::uint64_t offset_ = 0;
  BuilderPool builders_;
  GroupBuffer empty_group_;  // for seals and openings
  SegmentSupply supply_;
  HeadLog heads_;
  runtime::Semaphore turn_;  // one write at a time, in order
  runtime::Semaphore signing_;
  runtime::WaitQueue became_durable_;
  runtime::WaitQueue unsealed_;
  runtime::WaitQueue head_wanted_;
  bool head_asked_ = false;
  bool opened_ = false;  // the opening group of this epoch is durable
  bool broken_ = false;
  bool sealed_ = true;
  Timestamp last_write_{};  // monotonic
  std::uint64_t seals_written_ = 0;
  runtime::Scope scope_;
};

}  // namespace keel::journal
