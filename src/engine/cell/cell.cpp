#include "engine/cell/cell.hpp"

#include "archive/errors.hpp"
#include "engine/errors.hpp"
#include "engine/state/outcome_record.hpp"
#include "journal/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {

// Admitted together, so that their cache misses overlap.
constexpr std::size_t kAdmittedTogether = 16;
// After a refused group, before time writes again by itself.
constexpr Duration kTimePause = Duration::milliseconds(100);
// Queries that hold blocks of the archive at once.
constexpr std::size_t kQueriesAside = 4;

kernel::HashSeed draw_seed(runtime::Entropy& entropy) {
  std::array<std::byte, sizeof(std::uint64_t)> drawn{};
  entropy.fill(drawn);
  return kernel::HashSeed(ByteReader(drawn).read<std::uint64_t>().value());
}

}  // namespace

Cell::Cell(CellParts parts, CellOptions options, Restored restored)
    : core_(parts.core),
      journal_(std::move(parts.journal)),
      options_(std::move(options)),
      cold_(std::move(restored.cold)),
      state_(std::move(restored.state)),
      report_(std::move(restored.report)),
      pipeline_(*state_, cold_.get(), parts.authorizer, parts.vault, core_.clock(), core_.entropy(),
                options_.limits, statistics_),
      history_(core_, *journal_, options_.history),
      snapshots_(core_.disk(), options_.snapshots.directory),
      last_snapshot_(report_.from),
      aside_turns_(core_, kQueriesAside),
      rows_to_move_(core_),
      durable_(state_->last_position),
      room_(parts.room),
      wake_(core_),
      scope_(core_) {
  if (cold_ != nullptr) at_hand_.emplace(cold_->cache());
}

Cell::~Cell() {
  KEEL_ASSERT(flights_.empty());
}

runtime::Task<Result<std::unique_ptr<Cell>>> Cell::open(CellParts parts, CellOptions options,
                                                        ReplayProgress progress) {
  Restored restored;
  Result<> opened = co_await restore(parts, options, progress, restored, false);
  if (!opened.ok() && opened.error().is(archive::kDamaged)) {
    // The journal has all of it: the archive is made again.
    restored.report.rejected_archives.push_back(opened.error().to_string());
    static_cast<void>(co_await restored.cold->close());
    restored.state.reset();
    restored = {.report = {.rejected_archives = std::move(restored.report.rejected_archives)}};
    opened = co_await restore(parts, options, std::move(progress), restored, true);
  }
  if (!opened.ok()) {
    if (restored.cold != nullptr) static_cast<void>(co_await restored.cold->close());
    static_cast<void>(co_await parts.journal->close());
    co_return opened.error();
  }
  co_return std::unique_ptr<Cell>(
      new Cell(std::move(parts), std::move(options), std::move(restored)));
}

runtime::Task<Result<>> Cell::restore(const CellParts& parts, const CellOptions& options,
                                      ReplayProgress progress, Restored& restored,
                                      bool new_archive) {
  ReplayReport& report = restored.report;
  const auto make_state = [&] {
    restored.state.reset();
    restored.state =
        std::make_unique<CellState>(parts.modules, draw_seed(parts.core.entropy()), options.state);
    for (kernel::TableBase* table : restored.state->tables()) table->enforce_bound(false);
    if (restored.cold != nullptr) restored.cold->bind(restored.state->tables());
  };
  make_state();
  if (!options.cold.directory.empty()) {
    restored.cold = KEEL_CO_TRY(co_await ColdRows::open(
        parts.core, options.cold, restored.state->tables(),
        new_archive ? Position() : parts.journal->durable(), report.rejected_archives));
  }
  if (!options.snapshots.directory.empty()) {
    Snapshots snapshots(parts.core.disk(), options.snapshots.directory);
    for (const Position position : KEEL_CO_TRY(co_await snapshots.list())) {
      const Result<> loaded = co_await snapshots.load(position, *restored.state, *parts.journal);
      if (loaded.ok()) break;
      report.rejected_snapshots.push_back(loaded.error().to_string());
      make_state();
    }
  }
  report = KEEL_CO_TRY(co_await replay(parts.core, *parts.journal, *restored.state, parts.upcaster,
                                       std::move(progress), report, restored.cold.get()));
  co_return success();
}

runtime::Task<Result<>> Cell::run() {
  if (cold_ != nullptr) scope_.spawn(&Cell::tend, this);
  while (!ended()) {
    work();
    if (ended()) break;
    if (has_work()) {
      co_await core_.yield();
      continue;
    }
    // The deadline is not a failure: something is due by time.
    static_cast<void>(co_await wake_.wait({.deadline = next_wake()}));
    wake_.reset();
  }
  ending_.request();
  co_await scope_.join();
  flights_.clear();
  if (forming_ != nullptr) journal_->discard(*std::exchange(forming_, nullptr));
  if (cold_ != nullptr) static_cast<void>(co_await cold_->close());
  const Result<> closed = co_await journal_->close();
  if (lost_.has_value()) co_return *lost_;
  co_return closed;
}

void Cell::stop() noexcept {
  stopping_ = true;
  wake_.set();
}

void Cell::submit(Request& request) {
  request.arrived_ = core_.now();
  if (!has_room()) {
    request.error.emplace(stopping_ || mode_ == Mode::lost ? kStopping : kQueueFull);
    ++statistics_.shed;
    settle(request);
    return;
  }
  waiting_.push(request);
  statistics_.most_waiting = std::max<std::uint64_t>(statistics_.most_waiting, waiting_.size());
  wake_.set();
}

bool Cell::ended() const noexcept {
  if (mode_ == Mode::lost) return std::ranges::all_of(flights_, &Flight::ended);
  const bool idle = waiting_.empty() && admitted_.empty() && flights_.empty() && aside_ == 0 &&
                    (forming_ == nullptr || forming_->empty());
  return stopping_ && idle;
}

bool Cell::has_work() const noexcept {
  return !blocked_ && !fetching_ && mode_ == Mode::working &&
         (!waiting_.empty() || !admitted_.empty());
}

Timestamp Cell::next_wake() {
  if (mode_ != Mode::working) return Timestamp::never();
  if (blocked_) return core_.now() < braked_until_ ? braked_until_ : Timestamp::never();
  return stopping_ ? Timestamp::never() : std::max(pipeline_.next_due(), time_resumes_);
}

void Cell::work() {
  land_flights();
  blocked_ = false;
  for (std::size_t decided = 0; mode_ == Mode::working && decided < options_.requests_a_turn;
       ++decided) {
    if (admitted_.empty()) admit();
    if (!pass_time()) break;
    if (admitted_.empty() || fetching_) break;
    if (!decide(*admitted_.front())) break;
  }
  launch();
  if (forming_ != nullptr) forming_->close_last();  // it waits for the group before
  if (room_ != nullptr && has_room()) room_->set();
}

void Cell::admit() {
  for (std::size_t i = 0; i < kAdmittedTogether && !waiting_.empty(); ++i) {
    Request& request = *waiting_.pop();
    if (pipeline_.admit(request)) {
      admitted_.push(request);
    } else {
      settle(request);
    }
  }
}

bool Cell::pass_time() {
  if (stopping_ || core_.now() < time_resumes_ || !pipeline_.time_is_due()) return true;
  return write([this](journal::GroupBuilder& group) { return pipeline_.pass_time(group); });
}

bool Cell::decide(Request& request) {
  if (request.read() != nullptr) {
    admitted_.pop();
    scope_.spawn(&Cell::pull, this, &request);
    return true;
  }
  if (request.is_command()) return has_memory(request) && decide_command(request);
  admitted_.pop();
  if (request.is_query()) {
    const bool answered = pipeline_.answer(request, cold_ == nullptr ? nullptr : &*at_hand_);
    if (cold_ != nullptr) end_head();
    if (!answered) {
      answer_aside(request);
      return true;
    }
  } else {
    request.answer.payload.clear();
    keel::append(request.answer.payload, object_bytes(statistics()));
    request.answer.position = durable_;
  }
  hold_or_settle(request);
  return true;
}

bool Cell::decide_command(Request& request) {
  if (!not_read_.has_value()) {
    bool lacking = false;
    const bool written = write([&](journal::GroupBuilder& group) {
      const Pipeline::Step step =
          pipeline_.decide(request, group, cold_ == nullptr ? nullptr : &*at_hand_);
      lacking = step == Pipeline::Step::lacking;
      return lacking ? Pipeline::Step::done : step;
    });
    if (!written) return false;
    if (lacking) {
      fetch_for_head();
      return false;
    }
    ++next_.commands;
    if (cold_ != nullptr) braked_until_ = cold_->next_command(core_.now());
  } else {
    ++statistics_.other_errors;
    request.error = std::exchange(not_read_, std::nullopt);
    request.release_at_ = state_->last_position;
  }
  if (cold_ != nullptr) end_head();
  admitted_.pop();
  hold_or_settle(request);
  return true;
}

template <typename Decide>
bool Cell::write(Decide decide) {
  while (form()) {
    if (decide(*forming_) == Pipeline::Step::done) return true;
    launch();
    if (forming_ != nullptr) break;  // full, and as many in flight as may be
  }
  blocked_ = true;
  return false;
}

bool Cell::form() {
  if (forming_ != nullptr) return true;
  forming_ = journal_->form();
  if (forming_ == nullptr) return false;
  KEEL_ASSERT(forming_->empty() && forming_->last() == state_->last_position);
  next_ = Flight{};
  next_.group = forming_;
  next_.begin = state_->mark();
  return true;
}

void Cell::launch() {
  if (mode_ != Mode::working || forming_ == nullptr || forming_->empty() ||
      flights_.size() >= journal_->in_flight_limit()) {
    return;
  }
  next_.end = state_->mark();
  next_.last = forming_->last();
  next_.records = forming_->mark().records;
  next_.bytes = forming_->mark().bytes;
  next_.launched = core_.now();
  KEEL_ASSERT(next_.last == state_->last_position);
  forming_ = nullptr;
  flights_.push_back(std::move(next_));
  scope_.spawn(&Cell::append, this, &flights_.back());
}

runtime::Task<> Cell::append(Flight* flight) {
  wake_.set();  // from its first suspension on, the next group can form
  flight->result = co_await journal_->append(*flight->group);
  flight->ended = true;
  wake_.set();
}

void Cell::land_flights() {
  while (!flights_.empty() && flights_.front().ended && mode_ == Mode::working) {
    Flight& flight = flights_.front();
    statistics_.append_ns += static_cast<std::uint64_t>((core_.now() - flight.launched).ns);
    switch (flight.result.outcome) {
      case journal::AppendOutcome::durable:
        landed(flight);
        flights_.pop_front();
        break;
      case journal::AppendOutcome::refused:
        mode_ = Mode::taking_back;
        break;
      case journal::AppendOutcome::unknown:
        lose(flight.result);
        break;
    }
  }
  if (mode_ == Mode::taking_back && std::ranges::all_of(flights_, &Flight::ended)) take_back();
}

void Cell::landed(const Flight& flight) {
  durable_ = flight.last;
  state_->forget_until(flight.end, 64 + 2 * flight.commands);
  ++statistics_.groups;
  statistics_.group_records += flight.records;
  statistics_.refusing = 0;
  statistics_.most_commands_a_group = std::max(statistics_.most_commands_a_group, flight.commands);
  while (Request* request = release_.release(durable_)) settle(*request);
  tail_bytes_ += flight.bytes;
  // No more often than its own size is worth.
  if (durable_.value() - last_snapshot_.value() >= options_.snapshots.every_records ||
      tail_bytes_ >= std::max(options_.snapshots.every_bytes, snapshot_bytes_)) {
    take_snapshot();
  }
  if (cold_ != nullptr && cold_->wants_flush()) rows_to_move_.set();
}

void Cell::take_back() {
  // Groups are monotone: nothing after a refused group may have been written. A journal that has
  // broken beside its groups (at a seal) refuses for ever: it must be opened again.
  for (const Flight& flight : flights_) {
    const std::optional<Error>& error = flight.result.error;
    const bool broken = error.has_value() && error->is(journal::kBroken);
    if (flight.result.outcome != journal::AppendOutcome::refused || broken) {
      return lose(flight.result);
    }
  }
  const Error why = flights_.front().result.error.value_or(Error(kJournalRefused));
  statistics_.groups_refused += flights_.size();
  statistics_.refusing = 1;
  state_->rollback_to(flights_.front().begin);
  state_->last_position = durable_;
  last_snapshot_ = std::min(last_snapshot_, durable_);
  flights_.clear();
  if (forming_ != nullptr) journal_->discard(*std::exchange(forming_, nullptr));
  time_resumes_ = core_.now() + kTimePause;
  mode_ = Mode::working;

  while (Request* request = release_.take_back()) {
    if (request->is_command()) {
      // It has waited for the revision only: its own answer is durable.
      if (request->answer.repeated && pipeline_.still_stands(*request)) {
        settle(*request);
        continue;
      }
      ++statistics_.taken_back;
      request->error.emplace(kJournalRefused, why.to_string());
    } else {
      request->error.reset();
      const bool answered = pipeline_.answer(*request, cold_ == nullptr ? nullptr : &*at_hand_);
      if (cold_ != nullptr) at_hand_->clear_lacking();
      if (!answered) {
        answer_aside(*request);
        continue;
      }
    }
    settle(*request);
  }
}

void Cell::lose(const journal::AppendResult& result) {
  mode_ = Mode::lost;
  lost_.emplace(kOutcomeUnknown, result.error.has_value() ? result.error->to_string() : "");
  while (Request* request = release_.take_back()) {
    ++statistics_.unknown;
    request->error.emplace(kOutcomeUnknown);
    settle(*request);
  }
  for (RequestQueue* queue : {&admitted_, &waiting_}) {
    while (Request* request = queue->pop()) {
      ++statistics_.shed;
      request->error.emplace(kStopping);
      settle(*request);
    }
  }
}

void Cell::hold_or_settle(Request& request) {
  if (request.release_at_ > durable_) {
    release_.hold(request);
  } else {
    settle(request);
  }
}

void Cell::settle(Request& request) {
  if (request.reply_in_journal_ && !request.error.has_value()) {
    scope_.spawn(&Cell::read_reply, this, &request);
    return;
  }
  ++statistics_.answered;
  statistics_.answer_ns += static_cast<std::uint64_t>((core_.now() - request.arrived_).ns);
  request.settled();
}

runtime::Task<> Cell::pull(Request* request) {
  Result<> pulled = co_await history_.pull(*request->read()->pull, ending_);
  if (!pulled.ok()) {
    const bool ending = pulled.error().is(runtime::kCancelled);
    request->error.emplace(ending ? Error(kStopping) : std::move(pulled).error());
  }
  settle(*request);
}

void Cell::take_snapshot() {
  if (options_.snapshots.directory.empty() || snapshotting_ || mode_ != Mode::working) return;
  snapshotting_ = true;
  last_snapshot_ = state_->last_position;
  tail_bytes_ = 0;
  scope_.spawn(&Cell::snapshot, this);
}

runtime::Task<> Cell::snapshot() {
  const Result<Position> taken = co_await write_snapshot();
  // Removes what is unfinished: it takes space, of which there may be too little.
  if (!taken.ok()) static_cast<void>(co_await snapshots_.list());
  ++(taken.ok() ? statistics_.snapshots : statistics_.snapshots_failed);
  snapshotting_ = false;
}

runtime::Task<Result<Position>> Cell::write_snapshot() {
  const std::uint64_t refused_before = statistics_.groups_refused;
  const auto abandoned = [this, refused_before] {
    return ending_.requested() || statistics_.groups_refused != refused_before;
  };
  // What is in the archive need not be in the snapshot.
  if (cold_ != nullptr) KEEL_CO_TRY(co_await move_rows());
  if (abandoned()) co_return kStopping;
  // A part of what it holds may not be durable yet, and may still be taken back.
  std::optional<SnapshotTaker> taker(*state_);
  const Position position = taker->position();
  const std::unique_ptr<SnapshotOutput> output = KEEL_CO_TRY(
      co_await SnapshotOutput::create(snapshots_.disk(), snapshots_.unfinished_path_of(position)));
  KEEL_CO_TRY(co_await output->write_header(position, taker->time()));
  Bytes slice;
  while (const std::optional<SnapshotFrame> kind = taker->next(slice)) {
    statistics_.largest_snapshot_slice =
        std::max<std::uint64_t>(statistics_.largest_snapshot_slice, slice.size());
    KEEL_CO_TRY(co_await output->write(*kind, slice));
    co_await core_.yield();
    if (abandoned()) co_return kStopping;
  }
  taker.reset();
  KEEL_CO_TRY(co_await output->finish());
  snapshot_bytes_ = output->size_bytes();
  if (!position.is_zero()) {
    KEEL_CO_TRY(co_await journal_->wait_durable(Position(position.value() - 1),
                                                {.cancellation = &ending_}));
  }
  if (abandoned()) co_return kStopping;
  KEEL_CO_TRY(co_await snapshots_.publish(position, options_.snapshots.kept));
  KEEL_CO_TRY(co_await journal_->checkpoint(position));
  co_return position;
}

runtime::Task<> Cell::read_reply(Request* request) {
  request->reply_in_journal_ = false;
  Result<> read = co_await read_outcome(request->answer);
  if (!read.ok()) request->error.emplace(std::move(read).error());
  settle(*request);
}

runtime::Task<Result<>> Cell::read_outcome(Answer& answer) {
  const std::unique_ptr<journal::Cursor> cursor =
      KEEL_CO_TRY(co_await journal_->read(Position(answer.position.value() - 1)));
  const std::optional<journal::Record> record = KEEL_CO_TRY(co_await cursor->next());
  if (!record.has_value() || record->envelope.type != kOutcomeType.value() ||
      record->payload.size() < sizeof(OutcomeHead)) {
    co_return Error(kBadRecord,
                    "no outcome at position " + std::to_string(answer.position.value()));
  }
  keel::append(answer.payload, record->payload.subspan(sizeof(OutcomeHead)));
  co_return success();
}

Statistics Cell::statistics() const {
  Statistics now = statistics_;
  now.clock_holds = pipeline_.time().holds();
  now.clock_held = pipeline_.time().held();
  now.waiting = waiting_.size() + admitted_.size();
  now.awaiting_durable = release_.size();
  now.groups_in_flight = flights_.size();
  now.command_ids = state_->ids.size();
  now.command_id_bytes = state_->ids.bytes();
  if (cold_ != nullptr) {
    const archive::StoreStatistics store = cold_->statistics();
    now.hot_rows = cold_->hot_rows();
    now.hot_row_bytes = cold_->hot_bytes();
    now.cold_rows = store.rows;
    now.cold_bytes = store.bytes;
    now.cold_runs = store.runs;
    now.flushes = cold_->flushes();
    now.flushed_bytes = store.bytes_flushed;
    now.merged_bytes = store.bytes_merged;
    now.fetched_bytes = store.bytes_read;
    now.cache_hits = store.cache.hits;
    now.cache_misses = store.cache.misses;
    now.cache_bytes = store.cache_bytes;
  }
  return now;
}

}  // namespace keel::engine
