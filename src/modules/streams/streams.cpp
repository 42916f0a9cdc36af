#include "modules/streams/streams.hpp"

#include "kernel/described/dispatch.hpp"
#include "modules/streams/decide/decision.hpp"
#include "modules/streams/decide/log_commands.hpp"
#include "modules/streams/errors.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/query/queries.hpp"

namespace keel::streams {
namespace {

template <kernel::RowEvent Event>
constexpr kernel::EventSchema schema_of(std::string_view name) {
  return {Event::kEventType, Event::kSchemaVersion, name, sizeof(Event)};
}

constexpr std::array kEvents{
    kernel::EventSchema{kTrafficRecorded, kSchema, "traffic_recorded"},
    kernel::EventSchema{kSessionOpened, kSchema, "session_opened"},
    kernel::EventSchema{kSubscribed, kSchema, "subscribed"},
    schema_of<SessionClosed>("session_closed"),
    schema_of<Unsubscribed>("unsubscribed"),
    schema_of<SessionEnded>("session_ended"),
    schema_of<SessionPurged>("session_purged"),
    schema_of<WillDropped>("will_dropped"),
    schema_of<EntryExpired>("entry_expired"),
    schema_of<RetainedExpired>("retained_expired"),
    kernel::event_schema<StreamPut>("stream_put"),
    kernel::event_schema<StreamDeleted>("stream_deleted"),
    kernel::event_schema<StreamTrimmed>("stream_trimmed"),
    kernel::event_schema<StreamSwept>("stream_swept"),
    kernel::event_schema<ConsumerPut>("consumer_put"),
    kernel::event_schema<ConsumerDeleted>("consumer_deleted"),
    kernel::event_schema<Fetched>("fetched"),
    kernel::event_schema<Acknowledged>("acknowledged"),
};
constexpr std::array kCommands{kBatch,
                               PutStream::kType,
                               DeleteStream::kType,
                               PurgeStream::kType,
                               PutConsumer::kType,
                               DeleteConsumer::kType,
                               Fetch::kType,
                               Acknowledge::kType};
constexpr std::array kQueries{kListSessions,        kListSubscriptions, kListEntries,
                              kListInbound,         kFindRetained,      kListWills,
                              kStatistics,          ListStreams::kType, GetStream::kType,
                              ListConsumers::kType, GetConsumer::kType, ReadMessages::kType};

// How many operations of a batch are looked at ahead, for the processor's caches.
constexpr int kLookAhead = 256;

// Applies a row event if it is a T.
template <kernel::RowEvent T>
bool applied(State& state, const kernel::Event& event) {
  if (event.type != T::kEventType) return false;
  state.apply(event, ByteReader(event.payload).read_object<T>().value());
  return true;
}

// The same for a described one.
template <typename T>
bool log_applied(State& state, const kernel::Event& event) {
  if (event.type != T::kEventType) return false;
  state.logs.apply(event, decode<T>(event.payload).value());
  return true;
}

}  // namespace

Streams::Streams(kernel::UndoLog& undo, kernel::HashSeed seed, const StreamsOptions& options)
    : options_(options),
      state_(std::make_unique<State>(undo, seed, options)),
      scratch_(std::make_unique<Scratch>(seed)) {}

Streams::~Streams() = default;

kernel::ModuleInfo Streams::info() const {
  return {.id = kModule,
          .name = "streams",
          .events = kEvents,
          .commands = kCommands,
          .queries = kQueries};
}

// The queues of the targets of messages. What is malformed needs nothing: decide() refuses it.
void Streams::needs(const kernel::Command& command, kernel::Needs& needs) const {
  if (command.type != kBatch) return;
  BatchReader reader(command.payload);
  for (int ops = 0; ops < kLookAhead && !reader.done(); ++ops) {
    const auto op = reader.next();
    if (!op.ok()) return;
    if (op->kind != OpKind::publish) continue;
    const auto publish = read_publish(*op);
    if (!publish.ok()) return;
    for (Targets targets(publish->targets); !targets.done();) {
      const SessionKey key = session_key(command.tenant, targets.next().head.session);
      needs.row(state_->queues.id(), object_bytes(key));
    }
  }
}

Result<kernel::Outcome> Streams::decide(kernel::Transaction& tx, const kernel::Command& command,
                                        const kernel::Context& context) const {
  if (command.type != kBatch) {
    return decide_about_logs({.state = *state_, .tx = tx, .context = context}, command);
  }
  KEEL_TRY(Decision(*state_, options_, tx, context, *scratch_).decide(command.payload));
  return kernel::Outcome{};
}

void Streams::apply(const kernel::Event& event) {
  if (event.type == kTrafficRecorded) {
    state_->apply_traffic(event);
  } else if (event.type == kSessionOpened) {
    state_->apply_opened(event);
  } else if (event.type == kSubscribed) {
    state_->apply_subscribed(event);
  } else {
    const bool known =
        applied<SessionClosed>(*state_, event) || applied<Unsubscribed>(*state_, event) ||
        applied<SessionEnded>(*state_, event) || applied<SessionPurged>(*state_, event) ||
        applied<WillDropped>(*state_, event) || applied<EntryExpired>(*state_, event) ||
        applied<RetainedExpired>(*state_, event) || log_applied<StreamPut>(*state_, event) ||
        log_applied<StreamDeleted>(*state_, event) || log_applied<StreamTrimmed>(*state_, event) ||
        log_applied<StreamSwept>(*state_, event) || log_applied<ConsumerPut>(*state_, event) ||
        log_applied<ConsumerDeleted>(*state_, event) || log_applied<Fetched>(*state_, event) ||
        log_applied<Acknowledged>(*state_, event);
    KEEL_ASSERT(known);
  }
}

std::optional<Timestamp> Streams::next_due() const {
  std::optional<Timestamp> earliest = state_->logs.next_due();
  const auto look_at = [&earliest](Timestamp at) {
    earliest = earliest ? std::min(*earliest, at) : at;
  };
  if (const auto first = state_->due.first()) look_at(first.key().at);
  if (const auto first = state_->retained_due.first()) look_at(first.key().at);
  return earliest;
}

std::size_t Streams::expire(kernel::Transaction& tx, const kernel::Context& context,
                            std::size_t limit) const {
  return streams::expire(*state_, tx, context, limit);
}

Result<> Streams::query(const kernel::Query& query, Bytes& reply) const {
  return answer(*state_, query, reply);
}

std::span<kernel::TableBase* const> Streams::tables() {
  return state_->tables();
}

}  // namespace keel::streams
