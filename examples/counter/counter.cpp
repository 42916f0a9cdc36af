#include "examples/counter/counter.hpp"

#include "base/checked.hpp"

namespace keel::examples {
namespace {

using kernel::Outcome;

constexpr std::array kEvents{
    kernel::EventSchema{CounterCreated::kEventType, CounterCreated::kSchemaVersion,
                        "counter.created", sizeof(CounterCreated)},
    kernel::EventSchema{Counted::kEventType, Counted::kSchemaVersion, "counter.counted",
                        sizeof(Counted)},
};
constexpr std::array kCommands{kCreateCounter, kCount};
constexpr std::array kQueries{kGetCounter};

// The payload as a struct, when it has exactly that size.
template <typename T>
Result<T> parse(ByteView payload) {
  if (payload.size() != sizeof(T)) {
    return Error(kCounterMalformed, std::to_string(payload.size()) + " bytes, " +
                                        std::to_string(sizeof(T)) + " expected");
  }
  return ByteReader(payload).read_object<T>();
}

CounterKey key_of(TenantId tenant, const CounterName& name) {
  return {.tenant = tenant, .zero = {}, .name = name};
}

}  // namespace

kernel::ModuleInfo Counters::info() const {
  return {.id = kModule,
          .name = "counter",
          .events = kEvents,
          .commands = kCommands,
          .queries = kQueries};
}

void Counters::needs(const kernel::Command& command, kernel::Needs& needs) const {
  if (command.payload.size() < sizeof(CounterName)) return;
  const auto name = parse<CounterName>(command.payload.first(sizeof(CounterName)));
  needs.row(counters_.id(), object_bytes(key_of(command.tenant, *name)));
}

Result<Outcome> Counters::decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context&) const {
  const CounterOutcome outcome = command.type == kCreateCounter
                                     ? KEEL_TRY(create(tx, command.payload))
                                     : KEEL_TRY(count(tx, command.payload));
  return Outcome{static_cast<std::uint16_t>(outcome)};
}

Result<CounterOutcome> Counters::create(kernel::Transaction& tx, ByteView payload) const {
  const auto command = KEEL_TRY(parse<CreateCounter>(payload));
  if (counters_.contains(key_of(tx.tenant(), command.name))) return CounterOutcome::exists;
  if (counters_.full()) return kCountersFull;
  tx.emit(CounterCreated{.name = command.name, .limit = command.limit});
  return CounterOutcome::done;
}

Result<CounterOutcome> Counters::count(kernel::Transaction& tx, ByteView payload) const {
  const auto command = KEEL_TRY(parse<Count>(payload));
  const Counter* counter = counters_.find(key_of(tx.tenant(), command.name));
  if (counter == nullptr) return CounterOutcome::unknown_name;
  const auto value = checked_add(counter->value, command.by);
  if (!value || *value > counter->limit) return CounterOutcome::limit_reached;
  tx.emit(Counted{.name = command.name, .by = command.by});
  append(tx.reply(), object_bytes(*value));
  return CounterOutcome::done;
}

void Counters::apply(const kernel::Event& event) {
  if (event.type == CounterCreated::kEventType) {
    const auto created = parse<CounterCreated>(event.payload).value();
    counters_.insert(key_of(event.tenant, created.name), {.value = 0, .limit = created.limit});
  } else {
    const auto counted = parse<Counted>(event.payload).value();
    counters_.modify(key_of(event.tenant, counted.name),
                     [&](Counter& counter) { counter.value += counted.by; });
  }
}

Result<> Counters::query(const kernel::Query& query, Bytes& reply) const {
  const auto name = KEEL_TRY(parse<CounterName>(query.payload));
  const Counter* counter = counters_.find(key_of(query.tenant, name));
  if (counter == nullptr) return kCounterMissing;
  append(reply, object_bytes(*counter));
  return success();
}

}  // namespace keel::examples
