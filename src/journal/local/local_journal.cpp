#include "journal/local/local_journal.hpp"

#include <fmt/core.h>

#include "journal/errors.hpp"
#include "journal/replace_file.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

AppendResult refused(Error error) {
  return {.outcome = AppendOutcome::refused, .error = std::move(error)};
}

// As its header says; nothing: that is damaged, or not there.
runtime::Task<Result<std::optional<Position>>> first_sequence_of(runtime::Disk& disk,
                                                                 const std::string& directory,
                                                                 const LocalOptions& options,
                                                                 std::uint64_t segment,
                                                                 const ChainIdentity& identity) {
  std::optional<Position> first;
  const auto file = co_await disk.open(
      directory + '/' + segment_name(segment, options.segment_class),
      {.write = false, .create = false, .exclusive = false, .direct = options.direct});
  if (!file.ok() && file.error().is(runtime::kNoSuchFile)) co_return first;
  if (!file.ok()) co_return file.error();
  AlignedBuffer block(kBlockBytes);
  const std::size_t got = KEEL_CO_TRY(co_await (*file)->read(0, block.span()));
  if (got == kBlockBytes) {
    const auto header = decode_segment_header(block.view());
    if (header && header->segment_index == segment && header->identity == identity) {
      first = header->first_sequence;
    }
  }
  co_return first;
}

}  // namespace

std::string_view to_string(SyncMode mode) noexcept {
  switch (mode) {
    case SyncMode::dsync:
      return "dsync, local files";
    case SyncMode::fdatasync:
      return "fdatasync, local files";
    case SyncMode::none:
      return "none, local files";
  }
  return "?";
}

Result<> check(const LocalOptions& options) {
  const auto whole_blocks = [](std::uint64_t bytes) { return bytes % kBlockBytes == 0; };
  if (!whole_blocks(options.segment_bytes) || !whole_blocks(options.first_segment_bytes) ||
      !whole_blocks(options.group.bytes)) {
    return Error(kBadOptions, fmt::format("sizes must be multiples of {}", kBlockBytes));
  }
  if (options.first_segment_bytes < kMinSegmentBytes ||
      options.segment_bytes < options.first_segment_bytes) {
    return Error(kBadOptions,
                 fmt::format("segments of {} to {} bytes: at least {}, and rising",
                             options.first_segment_bytes, options.segment_bytes, kMinSegmentBytes));
  }
  if (options.group.bytes < kBlockBytes || options.group.bytes > kMaxGroupBytes ||
      options.group.bytes + 2 * kBlockBytes > options.first_segment_bytes) {
    return Error(kBadOptions,
                 fmt::format("groups of {} bytes: at most {}, and two blocks less than a segment",
                             options.group.bytes, kMaxGroupBytes));
  }
  if (options.group.records == 0) return Error(kBadOptions, "groups of no record");
  return success();
}

LocalJournal::LocalJournal(runtime::Core& core, std::string directory, LocalOptions options)
    : core_(core),
      directory_(std::move(directory)),
      options_(options),
      builders_(options.group, options.read_only ? 0 : 2),
      empty_group_({.bytes = kBlockBytes, .records = 1}),
      supply_(core, directory_, options_),
      heads_(core, directory_, options_),
      turn_(core, 1),
      signing_(core, 1),
      became_durable_(core),
      unsealed_(core),
      head_wanted_(core),
      scope_(core) {}

LocalJournal::~LocalJournal() = default;

std::string_view LocalJournal::durability() const {
  return to_string(options_.sync);
}

runtime::Task<Result<LocalJournal::Opened>> LocalJournal::open(runtime::Core& core,
                                                               std::string_view directory,
                                                               LocalOptions options) {
  KEEL_CO_TRY(check(options));
  const Timestamp begun = core.now();
  Opened opened{.journal = std::unique_ptr<LocalJournal>(
                    new LocalJournal(core, std::string(directory), options)),
                .report = {}};
  auto ready = co_await opened.journal->begin(opened.report);
  if (!ready.ok()) {
    opened.journal->broken_ = true;
    static_cast<void>(co_await opened.journal->close());
    co_return std::move(ready).error();
  }
  opened.report.duration = core.now() - begun;
  co_return std::move(opened);
}

runtime::Task<Result<>> LocalJournal::begin(RecoveryReport& report) {
  if (!options_.read_only) {
    KEEL_CO_TRY(co_await make_directory());
    auto lock = co_await core_.disk().lock(directory_ + '/' + lock_name(options_.segment_class));
    if (!lock.ok()) {
      if (!lock.error().is(runtime::kInUse)) co_return std::move(lock).error();
      co_return Error(kInUse, "another process has " + directory_ + " open");
    }
    lock_ = std::move(lock).value();
  }
  Recovered found = KEEL_CO_TRY(co_await recover(core_, directory_, options_, index_));
  report = std::move(found.report);
  KEEL_CO_TRY(co_await take_over(found));
  if (options_.read_only) co_return success();

  supply_.begin(scope_);
  const AppendResult opening = co_await write_empty(kFlagOpening);
  if (opening.outcome == AppendOutcome::unknown) co_return *opening.error;
  if (opening.outcome == AppendOutcome::refused) {
    if (!opening.error->is(kNoSpace) || state_.groups == 0) co_return *opening.error;
    report.full = true;
  }
  report.made = report.groups == 0;
  report.journal_id = state_.identity.journal_id;
  report.epoch = state_.epoch;
  scope_.spawn(&LocalJournal::seal_when_idle, this, scope_.wait());
  if (options_.signer != nullptr) {
    scope_.spawn(&LocalJournal::sign_periodically, this, scope_.wait());
  }
  co_return success();
}

// A directory that was made is durable when those above it know it.
runtime::Task<Result<>> LocalJournal::make_directory() {
  KEEL_CO_TRY(co_await core_.disk().make_directory(directory_));
  std::string_view above = directory_;
  while (above.ends_with('/')) above.remove_suffix(1);
  for (std::size_t end = above.rfind('/'); end != above.npos && end != 0; end = above.rfind('/')) {
    above = above.substr(0, end);
    KEEL_CO_TRY(co_await core_.disk().sync_directory(above));
  }
  co_return co_await core_.disk().sync_directory(directory_.starts_with('/') ? "/" : ".");
}

runtime::Task<Result<>> LocalJournal::take_over(const Recovered& found) {
  state_ = found.state;
  if (state_.groups == 0) {
    state_.identity = {
        .journal_id = {}, .cell = options_.cell, .segment_class = options_.segment_class};
    state_.identity_known = true;
    if (options_.new_journal_id) {
      state_.identity.journal_id = *options_.new_journal_id;
    } else {
      core_.entropy().fill(state_.identity.journal_id);
    }
  }
  if (state_.identity.cell != options_.cell) {
    co_return Error(kBadOptions, fmt::format("{} is the journal of cell {}, not of {}", directory_,
                                             state_.identity.cell.value(), options_.cell.value()));
  }
  end_ = {.identity = state_.identity, .last = state_.last, .place = found.end};
  beginning_ = found.beginning;
  checked_from_ = found.checked_from;
  starts_ = found.starts;
  offset_ = found.end.offset;
  heads_.begin_at(found.heads_end_bytes);
  if (options_.read_only) co_return success();

  const runtime::OpenFile how{
      .write = true, .create = false, .exclusive = false, .direct = options_.direct};
  const auto path = [&](std::uint64_t index) {
    return directory_ + '/' + segment_name(index, options_.segment_class);
  };
  if (found.end.segment != 0) {
    segment_ = {.file = KEEL_CO_TRY(co_await core_.disk().open(path(found.end.segment), how)),
                .index = found.end.segment,
                .bytes = found.end_segment_bytes};
  }
  if (found.spare_bytes) {
    const std::uint64_t index = found.end.segment + 1;
    supply_.put_in({.file = KEEL_CO_TRY(co_await core_.disk().open(path(index), how)),
                    .index = index,
                    .bytes = *found.spare_bytes});
  }
  co_return success();
}

GroupBuilder* LocalJournal::form() {
  return builders_.form(end_.last, state_.last_time);
}

runtime::Task<AppendResult> LocalJournal::append(GroupBuilder& group) {
  GroupBuffer& buffer = builders_.submit(group);
  const auto turn = co_await turn_.take({});
  KEEL_ASSERT(turn.ok());
  AppendResult result = co_await write_in_turn(buffer);
  builders_.release(group);
  turn_.give_back();
  co_return result;
}

runtime::Task<AppendResult> LocalJournal::write_in_turn(GroupBuffer& group) {
  if (broken_) co_return refused(kBroken);
  if (options_.read_only) co_return refused(kReadOnly);
  if (group.first_sequence().value() != state_.last.value() + 1) co_return refused(kOutOfOrder);
  if (!opened_) {
    AppendResult opening = co_await write_empty(kFlagOpening);
    if (opening.outcome != AppendOutcome::durable) co_return opening;
  }
  co_return co_await write_group(group, 0);
}

runtime::Task<AppendResult> LocalJournal::write_empty(std::uint32_t flags) {
  empty_group_.begin(state_.last, state_.last_time);
  co_return co_await write_group(empty_group_, flags);
}

runtime::Task<AppendResult> LocalJournal::write_group(GroupBuffer& group, std::uint32_t flags) {
  const std::uint64_t extent = group.extent_bytes();
  const std::uint64_t room_for_seal = group.empty() ? 0 : kBlockBytes;
  const bool next_segment = offset_ + extent + room_for_seal > segment_.bytes;
  Segment next;
  if (next_segment) {
    auto taken = co_await supply_.take(segment_.index + 1);
    if (!taken.ok()) co_return refused(std::move(taken).error());
    next = std::move(taken).value();
    if (kBlockBytes + extent + room_for_seal > next.bytes) {
      co_return refused(Error(
          kBadOptions, fmt::format("a group of {} bytes for a segment of {}", extent, next.bytes)));
    }
  }
  Segment& into = next_segment ? next : segment_;
  const std::uint64_t at = next_segment ? kBlockBytes : offset_;
  const std::uint64_t epoch = state_.epoch + ((flags & kFlagOpening) != 0 ? 1 : 0);

  ChainState state = state_;
  std::array<std::byte, kSegmentHeaderBytes> stored_header;
  const SegmentHeader header{.identity = state.identity,
                             .segment_index = into.index,
                             .first_group = state.groups + 1,
                             .first_sequence = group.first_sequence(),
                             .epoch = epoch,
                             .created = core_.clock().wall(),
                             .segment_bytes = into.bytes,
                             .previous = state.previous};
  if (next_segment) {
    encode(header, stored_header);
    state.take(header, stored_header);
  }
  const GroupHeader written =
      group.finish({.flags = flags | (next_segment ? kFlagFirstOfSegment : 0U),
                    .identity = state.identity,
                    .segment_index = into.index,
                    .group_number = state.groups + 1,
                    .epoch = epoch,
                    .file_offset = at,
                    .previous = state.previous});
  state.take(written, group.group_bytes());
  const auto done = next_segment ? co_await write(into, 0, group.with_segment_header(header))
                                 : co_await write(into, at, group.group_bytes());
  if (!done.ok()) {
    broken_ = true;
    co_return AppendResult{AppendOutcome::unknown,
                           Error(kUnknownOutcome, done.error().to_string())};
  }

  if (next_segment) segment_ = std::move(next);
  state_ = state;
  offset_ = at + extent;
  opened_ = true;
  sealed_ = written.is_seal();
  last_write_ = core_.now();
  end_.last = state_.last;
  end_.place = {.segment = segment_.index, .offset = offset_};
  index_.add(written.first_sequence, {.segment = segment_.index, .offset = at});
  starts_.passed(written, group.group_bytes());
  supply_.in_use(segment_.index, offset_);
  if (!sealed_) {
    unsealed_.wake_all();
    became_durable_.wake_all();
  }
  co_return AppendResult{AppendOutcome::durable, std::nullopt};
}

runtime::Task<Result<>> LocalJournal::write(Segment& segment, std::uint64_t offset,
                                            ByteView bytes) {
  if (options_.sync == SyncMode::dsync) {
    co_return co_await segment.file->write_durable(offset, bytes);
  }
  KEEL_CO_TRY(co_await segment.file->write(offset, bytes));
  if (options_.sync == SyncMode::fdatasync) co_return co_await segment.file->sync();
  co_return success();
}

runtime::Task<Result<std::unique_ptr<Cursor>>> LocalJournal::read(Position after) {
  if (after > durable()) {
    co_return Error(kNoSuchPosition,
                    fmt::format("position {} of {}", after.value(), durable().value()));
  }
  if (after < beginning_.before.last) {
    co_return Error(kArchived, fmt::format("positions up to {} were moved to an archive, {} was "
                                           "asked for",
                                           beginning_.before.last.value(), after.value() + 1));
  }
  const WalkPlace from = KEEL_CO_TRY(co_await place_of(Position(after.value() + 1)));
  co_return std::make_unique<LocalCursor>(core_, directory_, options_, end_, index_, from, after);
}

runtime::Task<Result<WalkPlace>> LocalJournal::place_of(Position sequence) {
  const auto before = index_.find(sequence);
  const auto behind = index_.find_behind(sequence);
  WalkPlace place = before ? before->place
                           : WalkPlace{.segment = beginning_.place.segment, .offset = kBlockBytes};
  std::uint64_t last = behind ? behind->place.segment : end_.place.segment;
  // What the opening has not walked through: the segments' headers say where each begins. One that
  // cannot be read is passed over: whoever reads on from the one before meets it.
  while (last > place.segment + 1) {
    const std::uint64_t middle = place.segment + (last - place.segment) / 2;
    const auto first = KEEL_CO_TRY(
        co_await first_sequence_of(core_.disk(), directory_, options_, middle, state_.identity));
    if (first && *first <= sequence) {
      place = {.segment = middle, .offset = kBlockBytes};
      index_.add(*first, place);
    } else {
      last = middle;
    }
  }
  co_return place;
}

runtime::Task<Result<>> LocalJournal::checkpoint(Position position) {
  KEEL_ASSERT(position <= durable());
  const std::optional<Checkpoint> next = starts_.at(position);
  if (options_.read_only || !next || next == checkpoint_) co_return success();
  std::array<std::byte, kCheckpointBytes> bytes;
  encode(*next, bytes);
  KEEL_CO_TRY(co_await replace_file(core_.disk(), directory_,
                                    checkpoint_name(options_.segment_class), bytes));
  checkpoint_ = next;
  co_return success();
}

runtime::Task<Result<>> LocalJournal::check_after(Position after) {
  if (after >= checked_from_.before.last) co_return success();
  KEEL_CO_TRY(co_await check_before(core_, directory_, options_, checked_from_, index_));
  checked_from_ = beginning_;
  co_return success();
}

runtime::Task<Result<>> LocalJournal::wait_durable(Position after, runtime::Wait wait) {
  while (durable() <= after) KEEL_CO_TRY(co_await became_durable_.wait(wait));
  co_return success();
}

runtime::Task<> LocalJournal::seal_when_idle(runtime::Wait wait) {
  while (!broken_) {
    if (sealed_) {
      if (!(co_await unsealed_.wait(wait)).ok()) break;
      continue;
    }
    const Timestamp due = last_write_ + options_.seal_delay;
    if (!(co_await core_.sleep_until(due, wait)).ok()) break;
    if (!(co_await seal_if_due(core_.now(), wait)).ok()) break;
  }
}

// Seals what was last written before `due` less the delay, if nothing has been written since.
runtime::Task<Result<>> LocalJournal::seal_if_due(Timestamp now, runtime::Wait wait) {
  KEEL_CO_TRY(co_await turn_.take(wait));
  if (!sealed_ && !broken_ && last_write_ + options_.seal_delay <= now) {
    const AppendResult sealed = co_await write_empty(0);
    if (sealed.outcome == AppendOutcome::durable) ++seals_written_;
  }
  turn_.give_back();
  co_return success();
}

runtime::Task<Result<HeadEntry>> LocalJournal::sign_head() {
  KEEL_CO_TRY(co_await signing_.take({}));
  auto entry = co_await heads_.sign(ChainState(state_));
  signing_.give_back();
  co_return entry;
}

runtime::Task<> LocalJournal::sign_periodically(runtime::Wait wait) {
  Position signed_to{};
  for (;;) {
    if (!head_asked_) {
      const auto woken =
          co_await head_wanted_.wait(wait.until(core_.now() + options_.head_interval));
      if (!woken.ok() && !woken.error().is(runtime::kDeadline)) break;
    }
    const bool asked = std::exchange(head_asked_, false);
    if (broken_ || (!asked && state_.last == signed_to)) continue;
    // A head that could not be signed now is signed the next time.
    const auto entry = co_await sign_head();
    if (!entry.ok()) continue;
    signed_to = entry->last_sequence;
    options_.signer->stored(*entry);
  }
}

runtime::Task<Result<>> LocalJournal::close() {
  co_await scope_.cancel_and_join();
  if (!sealed_ && !broken_) {
    KEEL_CO_TRY(co_await turn_.take({}));
    const AppendResult sealed = co_await write_empty(0);
    if (sealed.outcome == AppendOutcome::durable) ++seals_written_;
    turn_.give_back();
  }
  broken_ = true;
  segment_.file.reset();
  lock_.reset();
  co_return success();
}

}  // namespace keel::journal
