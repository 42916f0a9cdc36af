// A module for the tests of the engine: counters that commands add to, with a limit; reminders that
// time brings; and replies of any size.
#pragma once

#include <array>
#include <vector>

#include "kernel/module.hpp"
#include "kernel/table.hpp"

namespace keel::engine::test {

inline constexpr kernel::ModuleId kCounters{9};
inline constexpr ErrorKind kAddsNothing{9001, "counters.adds_nothing", ErrorClass::invalid};
inline constexpr std::uint16_t kOverLimit = 7;  // an outcome: the counter would exceed kLimit
inline constexpr std::int64_t kLimit = 1000;

struct AddCommand {
  static constexpr kernel::CommandType kType{kCounters, 1};
  std::uint64_t counter = 0;
  std::int64_t amount = 0;
  std::uint64_t times = 1;  // that many rows
};
// Adds one to a counter after a while.
struct RemindCommand {
  static constexpr kernel::CommandType kType{kCounters, 2};
  std::uint64_t counter = 0;
  std::int64_t after_ns = 0;
};
// An event and a reply of this size.
struct EchoCommand {
  static constexpr kernel::CommandType kType{kCounters, 3};
  std::uint64_t size_bytes = 0;
};
struct ValueQuery {
  static constexpr kernel::QueryType kType{kCounters, 1};
  std::uint64_t counter = 0;
};

struct Added {
  static constexpr kernel::EventType kEventType{kCounters, 1};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::uint64_t counter = 0;
  std::int64_t amount = 0;
};
struct Remembered {
  static constexpr kernel::EventType kEventType{kCounters, 2};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::uint64_t counter = 0;
  std::int64_t due_ns = 0;
};
struct Reminded {
  static constexpr kernel::EventType kEventType{kCounters, 3};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::uint64_t reminder = 0;
};
inline constexpr kernel::EventType kEchoed{kCounters, 4};

class Counters final : public kernel::Module {
 public:
  Counters(kernel::UndoLog& undo, kernel::HashSeed seed)
      : values_({kCounters, 1}, "counters.values", undo, seed, {.max_rows = 16'000'000}),
        reminders_({kCounters, 2}, "counters.reminders", undo, seed) {}

  kernel::ModuleInfo info() const override {
    return {.id = kCounters,
            .name = "counters",
            .events = kEvents,
            .commands = kCommands,
            .queries = kQueries};
  }

  void needs(const kernel::Command& command, kernel::Needs& needs) const override {
    if (command.type != AddCommand::kType) return;
    const Result<AddCommand> add = ByteReader(command.payload).read_object<AddCommand>();
    if (add.ok()) needs.row({kCounters, 1}, object_bytes(key(command.tenant, add->counter)));
  }

  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override {
    ByteReader reader(command.payload);
    if (command.type == AddCommand::kType) {
      return add(tx, KEEL_TRY(reader.read_object<AddCommand>()));
    }
    if (command.type == RemindCommand::kType) {
      const RemindCommand remind = KEEL_TRY(reader.read_object<RemindCommand>());
      tx.emit(Remembered{.counter = remind.counter, .due_ns = context.now.ns + remind.after_ns});
      return kernel::Outcome{};
    }
    const EchoCommand echo = KEEL_TRY(reader.read_object<EchoCommand>());
    const Bytes bytes(echo.size_bytes, std::byte{0x5a});
    tx.emit(kEchoed, kernel::SchemaVersion(1), bytes);
    append(tx.reply(), bytes);
    return kernel::Outcome{};
  }

  void apply(const kernel::Event& event) override {
    ByteReader reader(event.payload);
    if (event.type == Added::kEventType) {
      const Added added = reader.read_object<Added>().value();
      add_to(key(event.tenant, added.counter), added.amount);
    } else if (event.type == Remembered::kEventType) {
      const Remembered remembered = reader.read_object<Remembered>().value();
      const std::uint64_t number = reminders_.rows();
      reminders_.insert(number, {.tenant = event.tenant.value(),
                                 .counter = remembered.counter,
                                 .due_ns = remembered.due_ns});
    } else if (event.type == Reminded::kEventType) {
      const std::uint64_t number = reader.read_object<Reminded>().value().reminder;
      const Reminder reminder = *reminders_.find(number);
      reminders_.modify(number, [](Reminder& row) { row.due_ns = INT64_MAX; });
      add_to({.tenant = reminder.tenant, .counter = reminder.counter}, 1);
    }
  }

  std::optional<Timestamp> next_due() const override {
    std::optional<Timestamp> first;
    reminders_.for_each([&first](std::uint64_t, const Reminder& reminder) {
      if (reminder.due_ns == INT64_MAX) return;
      if (!first.has_value() || reminder.due_ns < first->ns) first = Timestamp{reminder.due_ns};
    });
    return first;
  }
  std::size_t expire(kernel::Transaction& tx, const kernel::Context& context,
                     std::size_t limit) const override {
    std::vector<std::pair<std::uint64_t, Reminder>> due;
    reminders_.for_each([&](std::uint64_t number, const Reminder& reminder) {
      if (reminder.due_ns <= context.now.ns && due.size() < limit)
        due.push_back({number, reminder});
    });
    for (const auto& [number, reminder] : due) {
      tx.act_for(TenantId(static_cast<std::uint32_t>(reminder.tenant)));
      tx.emit(Reminded{.reminder = number});
    }
    return due.size();
  }

  Result<> query(const kernel::Query& query, Bytes& reply) const override {
    const ValueQuery value = KEEL_TRY(ByteReader(query.payload).read_object<ValueQuery>());
    const std::int64_t* found = values_.find(key(query.tenant, value.counter));
    const std::int64_t number = found == nullptr ? 0 : *found;
    append(reply, object_bytes(number));
    return success();
  }

  std::span<kernel::TableBase* const> tables() override { return tables_; }

 private:
  struct Key {
    std::uint64_t tenant = 0;
    std::uint64_t counter = 0;
  };
  struct Reminder {
    std::uint64_t tenant = 0;
    std::uint64_t counter = 0;
    std::int64_t due_ns = 0;  // never again: INT64_MAX
  };
  static Key key(TenantId tenant, std::uint64_t counter) {
    return {.tenant = tenant.value(), .counter = counter};
  }

  Result<kernel::Outcome> add(kernel::Transaction& tx, const AddCommand& add) const {
    if (add.amount == 0) return kAddsNothing;
    const std::int64_t* found = values_.find(key(tx.tenant(), add.counter));
    const std::int64_t sum =
        (found == nullptr ? 0 : *found) + add.amount * static_cast<std::int64_t>(add.times);
    if (sum > kLimit) return kernel::Outcome{.code = kOverLimit};
    for (std::uint64_t i = 0; i < add.times; ++i) {
      tx.emit(Added{.counter = add.counter, .amount = add.amount});
      static_cast<void>(tx.next_timestamp());
    }
    append(tx.reply(), object_bytes(sum));
    return kernel::Outcome{};
  }
  void add_to(const Key& at, std::int64_t amount) {
    if (values_.contains(at)) {
      values_.modify(at, [amount](std::int64_t& value) { value += amount; });
    } else {
      values_.insert(at, amount);
    }
  }

  static constexpr std::array kEvents{
      kernel::EventSchema{Added::kEventType, Added::kSchemaVersion, "added", sizeof(Added)},
      kernel::EventSchema{Remembered::kEventType, Remembered::kSchemaVersion, "remembered",
                          sizeof(Remembered)},
      kernel::EventSchema{Reminded::kEventType, Reminded::kSchemaVersion, "reminded",
                          sizeof(Reminded)},
      kernel::EventSchema{kEchoed, kernel::SchemaVersion(1), "echoed"}};
  static constexpr std::array kCommands{AddCommand::kType, RemindCommand::kType,
                                        EchoCommand::kType};
  static constexpr std::array kQueries{ValueQuery::kType};

  kernel::Table<Key, std::int64_t> values_;
  kernel::Table<std::uint64_t, Reminder> reminders_;
  std::array<kernel::TableBase*, 2> tables_{&values_, &reminders_};
};

}  // namespace keel::engine::test
