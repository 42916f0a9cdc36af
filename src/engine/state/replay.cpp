#include "engine/state/replay.hpp"

#include "engine/errors.hpp"
#include "engine/state/outcome_record.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {

constexpr std::uint64_t kRecordsATurn = 1 << 12;

std::string place(const journal::Envelope& envelope) {
  const kernel::EventType type(envelope.type);
  return "event type " + std::to_string(type.module().value()) + "." +
         std::to_string(type.value() & 0xffff) + " version " +
         std::to_string(envelope.schema_version) + " at position " +
         std::to_string(envelope.sequence.value());
}

class Replayer {
 public:
  Replayer(CellState& state, const Upcaster* upcaster) : state_(state), upcaster_(upcaster) {}

  Result<> take(const journal::Record& record, ReplayReport& report) {
    const journal::Envelope& envelope = record.envelope;
    if (envelope.sequence.value() != state_.last_position.value() + 1) {
      return Error(kBadRecord, place(envelope) + " follows position " +
                                   std::to_string(state_.last_position.value()));
    }
    const kernel::EventType type(envelope.type);
    KEEL_TRY(type.module() == kEngineModule ? take_own(record) : take_event(record, report));
    state_.last_position = envelope.sequence;
    state_.last_time = envelope.time;
    state_.forget_until(state_.mark());
    ++report.records;
    return success();
  }

 private:
  Result<> take_own(const journal::Record& record) {
    const journal::Envelope& envelope = record.envelope;
    if (envelope.schema_version > kEngineSchemaVersion.value()) {
      return Error(kNewerEvent, place(envelope) + " was written by a newer Keel");
    }
    if (envelope.type == kTimePassedType.value()) return success();
    if (envelope.type != kOutcomeType.value()) {
      return Error(kUnknownEvent, place(envelope) + " is not known");
    }
    ByteReader reader(record.payload);
    Result<OutcomeHead> head = reader.read_object<OutcomeHead>();
    if (!head.ok()) return Error(kBadRecord, place(envelope) + " is too short for an outcome");
    // Of those in memory; what is in the archive was looked at when the command was decided.
    if (state_.ids.find_in_memory(envelope.tenant, envelope.command) != nullptr) {
      return Error(kBadRecord, place(envelope) + " answers a command for the second time");
    }
    CommandIds::Entry entry{.id = envelope.command,
                            .digest = head->digest,
                            .position = envelope.sequence,
                            .time = envelope.time,
                            .tenant = envelope.tenant,
                            .type = kernel::CommandType(head->command_type),
                            .code = head->code};
    entry.keep_reply(reader.take(reader.remaining()).value());
    state_.ids.insert(entry);
    if ((head->flags & kOutcomeChanged) != 0) {
      state_.revisions.set(envelope.tenant, envelope.sequence);
    }
    return success();
  }

  Result<> take_event(const journal::Record& record, ReplayReport& report) {
    const journal::Envelope& envelope = record.envelope;
    const Routes::Schema* schema = state_.routes.schema_of(kernel::EventType(envelope.type));
    if (schema == nullptr) {
      return Error(kUnknownEvent, place(envelope) + " belongs to no module of this cell");
    }
    if (envelope.schema_version > schema->newest.version.value()) {
      return Error(kNewerEvent, place(envelope) + " is newer than version " +
                                    std::to_string(schema->newest.version.value()) +
                                    ", the newest that this binary understands");
    }
    // What time has caused; a command's outcome record sets the revision otherwise.
    if (envelope.command.is_zero()) state_.revisions.set(envelope.tenant, envelope.sequence);
    if (envelope.row_bytes == 0) return apply(envelope, record.payload, *schema, report);
    if (record.payload.empty() || record.payload.size() % envelope.row_bytes != 0) {
      return Error(kBadRecord, place(envelope) + " holds " + std::to_string(record.payload.size()) +
                                   " bytes of rows of " + std::to_string(envelope.row_bytes));
    }
    for (ByteView rows = record.payload; !rows.empty(); rows = rows.subspan(envelope.row_bytes)) {
      KEEL_TRY(apply(envelope, rows.first(envelope.row_bytes), *schema, report));
    }
    return success();
  }

  Result<> apply(const journal::Envelope& envelope, ByteView payload, const Routes::Schema& schema,
                 ReplayReport& report) {
    kernel::Event event{.tenant = envelope.tenant,
                        .time = envelope.time,
                        .type = kernel::EventType(envelope.type),
                        .schema_version = kernel::SchemaVersion(envelope.schema_version),
                        .payload = payload};
    if (upcaster_ != nullptr && event.schema_version < schema.newest.version) {
      KEEL_TRY(upcaster_->upcast(event, upcast_));
    }
    if (event.schema_version == schema.newest.version && schema.newest.row_bytes != 0 &&
        event.payload.size() != schema.newest.row_bytes) {
      return Error(kBadRecord, place(envelope) + " has a row of " +
                                   std::to_string(event.payload.size()) + " bytes, not " +
                                   std::to_string(schema.newest.row_bytes));
    }
    schema.module->apply(event);
    ++report.rows;
    return success();
  }

  CellState& state_;
  const Upcaster* upcaster_;
  Bytes upcast_;
};

// A bound may have been lowered since the rows were written.
Result<> check_bounds(CellState& state) {
  for (kernel::TableBase* table : state.tables()) {
    if (table->rows() > table->max_rows()) {
      const std::string_view setting =
          table->setting().empty() ? std::string_view("its bound") : table->setting();
      return Error(kLimitTooLow, std::string(table->name()) + " has " +
                                     std::to_string(table->rows()) + " rows, but " +
                                     std::string(setting) + " is " +
                                     std::to_string(table->max_rows()) + ": set it to at least " +
                                     std::to_string(table->rows()));
    }
    table->enforce_bound(true);
  }
  return success();
}

}  // namespace

runtime::Task<Result<ReplayReport>> replay(runtime::Core& core, journal::Journal& journal,
                                           CellState& state, const Upcaster* upcaster,
                                           ReplayProgress progress, ReplayReport report,
                                           ColdRows* cold) {
  report.from = report.last = state.last_position;
  KEEL_CO_TRY(co_await journal.check_after(state.last_position));
  const std::unique_ptr<journal::Cursor> cursor =
      KEEL_CO_TRY(co_await journal.read(state.last_position));
  Replayer replayer(state, upcaster);
  for (;;) {
    const std::optional<journal::Record> record = KEEL_CO_TRY(co_await cursor->next());
    if (!record.has_value()) break;
    KEEL_CO_TRY(replayer.take(*record, report));
    report.last = state.last_position;
    // A record's own rows are final with it; the archive is given whole records only.
    if (cold != nullptr && cold->wants_flush()) {
      KEEL_CO_TRY(co_await cold->flush(state.last_position));
    }
    if (report.records % kRecordsATurn != 0) continue;
    co_await core.yield();
    if (progress && !progress(report, journal.durable())) co_return runtime::kCancelled;
  }
  if (state.last_position != journal.durable()) {
    co_return Error(kBadRecord,
                    "the journal ends at position " + std::to_string(journal.durable().value()) +
                        ", but reading it ended at " + std::to_string(state.last_position.value()));
  }
  KEEL_CO_TRY(check_bounds(state));
  co_return report;
}

}  // namespace keel::engine
