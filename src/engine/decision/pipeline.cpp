#include "engine/decision/pipeline.hpp"

#include <algorithm>

#include "engine/errors.hpp"
#include "engine/history/history_reader.hpp"
#include "engine/state/outcome_record.hpp"

namespace keel::engine {

namespace {

// Warms the caches for the rows that a command will touch. A large batch would only push its own
// rows out again, so the number is bounded.
class Prefetcher final : public kernel::Needs {
 public:
  explicit Prefetcher(const Routes& routes) : routes_(routes) {}
  void row(kernel::TableId table, ByteView key) override {
    if (left_ == 0) return;
    --left_;
    if (kernel::TableBase* found = routes_.table(table)) found->prefetch(key);
  }

 private:
  const Routes& routes_;
  std::size_t left_ = 128;
};

// Looks the rows of append-only tables up, each key for what is lacking to find it. A bounded
// number: it is done for several commands in one turn.
class Wanter final : public kernel::Needs {
 public:
  explicit Wanter(const Routes& routes) : routes_(routes) {}
  void row(kernel::TableId table, ByteView key) override {
    kernel::TableBase* found = routes_.table(table);
    if (left_ == 0 || found == nullptr || found->history() == nullptr) return;
    --left_;
    found->history()->want(key);
  }

 private:
  const Routes& routes_;
  std::size_t left_ = 128;
};

class SubjectNeeds final : public kernel::Needs {
 public:
  explicit SubjectNeeds(std::vector<kernel::Subject>& subjects) : subjects_(subjects) {}
  void row(kernel::TableId, ByteView) override {}
  void subject(const kernel::Subject& subject) override { subjects_.push_back(subject); }

 private:
  std::vector<kernel::Subject>& subjects_;
};

}  // namespace

Pipeline::Pipeline(CellState& state, ColdRows* cold, const Authorizer& authorizer,
                   const kernel::SubjectVault* vault, runtime::Clock& clock,
                   runtime::Entropy& entropy, Limits limits, Statistics& statistics)
    : state_(state),
      cold_(cold),
      authorizer_(authorizer),
      vault_(vault),
      clock_(clock),
      entropy_source_(entropy),
      limits_(limits),
      statistics_(statistics),
      time_(state.last_time, limits.clock_jump, read_clocks()) {}

bool Pipeline::fail(Request& request, Error error, std::uint64_t& counter) {
  ++counter;
  request.error.emplace(std::move(error));
  request.release_at_ = state_.last_position;
  return false;
}

bool Pipeline::admit(Request& request) {
  if (request.is_query()) {
    const kernel::Query& query = request.query();
    Result<> allowed = authorizer_.authorize(query.principal, query);
    if (!allowed.ok()) return fail(request, std::move(allowed).error(), statistics_.not_allowed);
    if (state_.routes.module_of(query.type) == nullptr) {
      return fail(request, kNoSuchQuery, statistics_.malformed);
    }
    return true;
  }
  if (const Read* read = request.read()) {
    Result<> allowed = authorizer_.authorize_reading(read->principal, read->pull->filter->tenant);
    if (allowed.ok()) return true;
    return fail(request, std::move(allowed).error(), statistics_.not_allowed);
  }
  if (!request.is_command()) return true;
  const kernel::Command& command = request.command();
  Result<> allowed = authorizer_.authorize(command.principal, command);
  if (!allowed.ok()) return fail(request, std::move(allowed).error(), statistics_.not_allowed);
  if (command.id.is_zero()) return fail(request, kNoCommandId, statistics_.malformed);
  const kernel::Module* module = state_.routes.module_of(command.type);
  if (module == nullptr) return fail(request, kNoSuchCommand, statistics_.malformed);
  state_.ids.prefetch(command.tenant, command.id);
  Prefetcher needs(state_.routes);
  module->needs(command, needs);
  return true;
}

void Pipeline::subjects_of(const kernel::Command& command,
                           std::vector<kernel::Subject>& subjects) const {
  const kernel::Module* module = state_.routes.module_of(command.type);
  if (module == nullptr || !authorizer_.authorize(command.principal, command).ok()) return;
  SubjectNeeds needs(subjects);
  module->needs(command, needs);
}

bool Pipeline::answer_repeated(Request& request) {
  const kernel::Command& command = request.command();
  const CommandIds::Entry* entry = state_.ids.find(command.tenant, command.id);
  if (entry == nullptr) return false;
  if (entry->digest != request.digest()) {
    fail(request, kCommandIdReused, statistics_.conflicts);
    return true;
  }
  ++statistics_.repeated;
  Answer& answer = request.answer;
  answer.code = entry->code;
  answer.repeated = true;
  answer.position = entry->position;
  answer.revision = state_.revisions.of(command.tenant);
  answer.time = entry->time;
  answer.payload.clear();
  const std::optional<ByteView> kept = entry->kept_reply();
  request.reply_in_journal_ = !kept.has_value();
  if (kept.has_value()) append(answer.payload, *kept);
  request.release_at_ = std::max(entry->position, answer.revision);
  return true;
}

bool Pipeline::still_stands(Request& request) {
  Answer& answer = request.answer;
  if (answer.position > state_.last_position) return false;
  answer.revision = state_.revisions.of(request.command().tenant);
  request.release_at_ = std::max(answer.position, answer.revision);
  return true;
}

kernel::Context Pipeline::context_at(Timestamp now) {
  kernel::Context context{.now = now, .entropy = {}};
  if (entropy_used_ == entropy_.size()) {
    entropy_source_.fill(entropy_);
    entropy_used_ = 0;
  }
  const ByteSpan drawn = ByteSpan(entropy_).subspan(entropy_used_, context.entropy.size());
  std::ranges::copy(drawn, context.entropy.begin());
  std::ranges::fill(drawn, std::byte{});
  entropy_used_ += drawn.size();
  return context;
}

std::optional<Position> Pipeline::record_outcome(const Request& request, kernel::Outcome outcome,
                                                 Timestamp time, bool changed) {
  const kernel::Command& command = request.command();
  const OutcomeHead head{
      .digest = request.digest(),
      .command_type = command.type.value(),
      .code = outcome.code,
      .flags = changed ? kOutcomeChanged : std::uint16_t{0},
      .reserved = 0,
  };
  outcome_.clear();
  append(outcome_, object_bytes(head));
  append(outcome_, request.answer.payload);
  return batch_.finish(kOutcomeType, command.tenant, time, outcome_);
}

// What the engine itself refuses; true: it may be decided.
bool Pipeline::may_decide(Request& request) {
  const kernel::Command& command = request.command();
  if (state_.ids.full(time_.next(read_clocks()))) {
    return fail(request, kCommandIdsFull, statistics_.shed);
  }
  if (!state_.revisions.has_room_for(command.tenant)) {
    return fail(request, kTooManyTenants, statistics_.shed);
  }
  if (command.expected_revision.has_value() &&
      *command.expected_revision != state_.revisions.of(command.tenant)) {
    return fail(request, kWrongRevision, statistics_.conflicts);
  }
  return true;
}

Pipeline::Step Pipeline::decide(Request& request, journal::GroupBuilder& group,
                                ColdRequest* at_hand) {
  const kernel::Command& command = request.command();
  if (cold_ != nullptr) cold_->begin_round(*at_hand);
  const bool repeated = answer_repeated(request);
  if (cold_ != nullptr && cold_->end_round()) return Step::lacking;
  if (repeated || !may_decide(request)) return Step::done;

  const bool group_was_empty = group.empty();
  const kernel::UndoLog::Mark mark = state_.undo.mark();
  const kernel::Context context = context_at(time_.next(read_clocks()));
  Answer& answer = request.answer;
  answer.payload.clear();
  batch_.begin(group, &command);
  kernel::Transaction tx(command.tenant, context, batch_, state_.routes, state_.undo,
                         answer.payload, vault_, cold_ == nullptr ? nullptr : cold_->lacking());
  if (cold_ != nullptr) cold_->begin_round(*at_hand);
  Result<kernel::Outcome> outcome =
      state_.routes.module_of(command.type)->decide(tx, command, context);
  if (cold_ != nullptr && cold_->end_round()) {
    state_.undo.rollback_to(mark);
    batch_.abandon();
    answer.payload.clear();
    return Step::lacking;
  }
  std::optional<Position> position;
  const bool changed = !batch_.empty();
  if (outcome.ok() && !tx.overflowed()) {
    position = record_outcome(request, *outcome, tx.last_timestamp(), changed);
  }
  if (!position.has_value()) {
    state_.undo.rollback_to(mark);
    batch_.abandon();
    answer.payload.clear();
    if (!outcome.ok()) {
      const bool invalid = outcome.error().error_class() == ErrorClass::invalid;
      fail(request, std::move(outcome).error(),
           invalid ? statistics_.malformed : statistics_.other_errors);
      return Step::done;
    }
    if (!group_was_empty) return Step::group_full;
    fail(request, kCommandTooLarge, statistics_.malformed);
    return Step::done;
  }

  ++statistics_.commands;
  time_.set_last(tx.last_timestamp());
  state_.last_time = tx.last_timestamp();
  state_.last_position = *position;
  if (changed) state_.revisions.set(command.tenant, *position);
  CommandIds::Entry entry{.id = command.id,
                          .digest = request.digest(),
                          .position = *position,
                          .time = tx.last_timestamp(),
                          .tenant = command.tenant,
                          .type = command.type,
                          .code = outcome->code};
  entry.keep_reply(answer.payload);
  state_.ids.insert(entry);
  answer.code = outcome->code;
  answer.repeated = false;
  answer.position = *position;
  answer.revision = state_.revisions.of(command.tenant);
  answer.time = tx.last_timestamp();
  request.release_at_ = *position;
  return Step::done;
}

bool Pipeline::answer(Request& request, ColdRequest* at_hand) {
  const kernel::Query& query = request.query();
  Answer& answer = request.answer;
  answer.payload.clear();
  if (cold_ != nullptr) cold_->begin_round(*at_hand);
  Result<> answered = state_.routes.module_of(query.type)->query(query, answer.payload);
  if (cold_ != nullptr && cold_->end_round()) return false;
  ++statistics_.queries;
  if (!answered.ok()) {
    fail(request, std::move(answered).error(), statistics_.other_errors);
    return true;
  }
  answer.code = 0;
  answer.repeated = false;
  answer.position = state_.last_position;
  answer.revision = state_.revisions.of(query.tenant);
  answer.time = state_.last_time;
  request.release_at_ = state_.last_position;
  return true;
}

void Pipeline::want(const Request& request, ColdRequest& at_hand) {
  if (!request.is_command()) return;
  const kernel::Command& command = request.command();
  Wanter wanter(state_.routes);
  cold_->begin_round(at_hand);
  static_cast<void>(state_.ids.find(command.tenant, command.id));
  state_.routes.module_of(command.type)->needs(command, wanter);
  static_cast<void>(cold_->end_round());
}

bool Pipeline::time_is_due() {
  const Timestamp now = time_.next(read_clocks());
  return std::ranges::any_of(state_.routes.modules(), [now](const kernel::Module* module) {
    const std::optional<Timestamp> due = module->next_due();
    return due.has_value() && *due <= now;
  });
}

Pipeline::Step Pipeline::pass_time(journal::GroupBuilder& group) {
  const bool group_was_empty = group.empty();
  const kernel::UndoLog::Mark mark = state_.undo.mark();
  Bytes no_reply;
  std::size_t limit = limits_.time_events;
  for (;;) {
    const kernel::Context context = context_at(time_.next(read_clocks()));
    batch_.begin(group, nullptr);
    kernel::Transaction tx(TenantId{}, context, batch_, state_.routes, state_.undo, no_reply,
                           vault_);
    bool due_now = false;
    std::size_t emitted = 0;
    for (const kernel::Module* module : state_.routes.modules()) {
      const std::optional<Timestamp> due = module->next_due();
      if (!due.has_value() || *due > context.now) continue;
      due_now = true;
      emitted += module->expire(tx, context, limit);
    }
    if (!due_now) {  // the wall clock was set back since time_is_due() looked at it
      batch_.abandon();
      return Step::done;
    }
    std::optional<Position> position;
    if (!tx.overflowed()) {
      KEEL_ASSERT(emitted > 0);  // a module that says that something is due must do it
      position = batch_.finish(kTimePassedType, TenantId{}, tx.last_timestamp(), {});
    }
    if (position.has_value()) {
      ++statistics_.time_batches;
      statistics_.time_events += emitted;
      batch_.for_each_record(
          [this](TenantId tenant, Position at) { state_.revisions.set(tenant, at); });
      time_.set_last(tx.last_timestamp());
      state_.last_time = tx.last_timestamp();
      state_.last_position = *position;
      return Step::done;
    }
    state_.undo.rollback_to(mark);
    batch_.abandon();
    if (!group_was_empty) return Step::group_full;
    KEEL_ASSERT(limit > 1);  // one event of time must fit into an empty group
    limit /= 2;
  }
}

Timestamp Pipeline::next_due() {
  std::optional<Timestamp> first;
  for (const kernel::Module* module : state_.routes.modules()) {
    const std::optional<Timestamp> due = module->next_due();
    if (due.has_value() && (!first.has_value() || *due < *first)) first = due;
  }
  if (!first.has_value()) return Timestamp::never();
  const CellTime::Now clocks = read_clocks();
  const Timestamp now = time_.next(clocks);
  return *first <= now ? clocks.monotonic : clocks.monotonic + (*first - now);
}

}  // namespace keel::engine
