// A module for the tests of the engine: counters that commands add to, with a limit; the history of
// all additions, whose rows may be cold; reminders that time brings; and replies of any size.
#pragma once

#include <array>
#include <vector>

#include "kernel/history_table.hpp"
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
// Adds to the same counter what the nth addition of all has added. Answers with that amount.
struct RepeatCommand {
  static constexpr kernel::CommandType kType{kCounters, 4};
  std::uint64_t addition = 0;
};
inline constexpr std::uint16_t kNoAddition = 8;  // an outcome

struct ValueQuery {
  static constexpr kernel::QueryType kType{kCounters, 1};
  std::uint64_t counter = 0;
};
// The counter's value, summed up from its additions.
struct SumQuery {
  static constexpr kernel::QueryType kType{kCounters, 2};
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

struct Addition {
  std::uint64_t number = 0;  // of all tenants' additions
  std::uint64_t tenant = 0;
  std::uint64_t counter = 0;
  std::int64_t amount = 0;
  std::array<std::uint64_t, 12> filling{};
};
struct AdditionHistory {
  using Row = Addition;
  using Key = std::uint64_t;
  static Key key_of(const Row& row) { return row.number; }
  static auto cold_key(Key key) { return kernel::big_endian(key); }
  static void by_number(ByteView record, std::uint64_t number, Bytes& entries) {
    const Row row = ByteReader(record).read_object<Row>().value();
    append(entries, kernel::big_endian(row.number, number));
  }
  static void by_counter(ByteView record, std::uint64_t number, Bytes& entries) {
    const Row row = ByteReader(record).read_object<Row>().value();
    append(entries, kernel::big_endian(row.tenant, row.counter, number));
  }
  static constexpr std::array kIndexes{
      kernel::ColdIndexSchema{.key_bytes = 8, .unique = true, .entries_of = by_number},
      kernel::ColdIndexSchema{.key_bytes = 16, .entries_of = by_counter}};
};

class Counters final : public kernel::Module {
 public:
  Counters(kernel::UndoLog& undo, kernel::HashSeed seed,
           kernel::TableOptions additions = {.max_rows = 16'000'000, .setting = "max_additions"})
      : values_({kCounters, 1}, "counters.values", undo, seed, {.max_rows = 16'000'000}),
        reminders_({kCounters, 2}, "counters.reminders", undo, seed),
        additions_({kCounters, 3}, "counters.additions", undo, seed, additions) {}

  kernel::ModuleInfo info() const override {
    return {.id = kCounters,
            .name = "counters",
            .events = kEvents,
            .commands = kCommands,
            .queries = kQueries};
  }

  void needs(const kernel::Command& command, kernel::Needs& needs) const override {
    if (command.type == RepeatCommand::kType) {
      const Result<RepeatCommand> repeat = ByteReader(command.payload).read_object<RepeatCommand>();
      if (repeat.ok()) needs.row({kCounters, 3}, object_bytes(repeat->addition));
    }
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
    if (command.type == RepeatCommand::kType) {
      const std::uint64_t number = KEEL_TRY(reader.read_object<RepeatCommand>()).addition;
      const Addition* addition = additions_.find(number);
      if (addition == nullptr) return kernel::Outcome{.code = kNoAddition};
      tx.emit(Added{.counter = addition->counter, .amount = addition->amount});
      append(tx.reply(), object_bytes(addition->amount));
      return kernel::Outcome{};
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
      additions_.insert({.number = additions_.rows(),
                         .tenant = event.tenant.value(),
                         .counter = added.counter,
                         .amount = added.amount});
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
    if (query.type == SumQuery::kType) return sum(query, reply);
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

  // The cold ones by their index, the hot ones one by one.
  Result<> sum(const kernel::Query& query, Bytes& reply) const {
    const SumQuery asked = KEEL_TRY(ByteReader(query.payload).read_object<SumQuery>());
    const Key counter = key(query.tenant, asked.counter);
    std::int64_t sum = 0;
    if (additions_.first_hot() > 0) {
      const auto low = kernel::big_endian(counter.tenant, counter.counter);
      Bytes entries;
      additions_.source()->scan(
          additions_.id(), 1,
          {.low = low, .high = low, .end_number = additions_.first_hot(), .limit = SIZE_MAX},
          entries);
      for (ByteView left = entries; !left.empty(); left = left.subspan(24)) {
        const Addition* row = additions_.row(kernel::number_of_entry(left.first(24)));
        if (row != nullptr) sum += row->amount;
      }
    }
    additions_.for_each_hot([&](std::uint64_t, const Addition& row) {
      if (row.tenant == counter.tenant && row.counter == counter.counter) sum += row.amount;
    });
    append(reply, object_bytes(sum));
    return success();
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
  static constexpr std::array kCommands{AddCommand::kType, RemindCommand::kType, EchoCommand::kType,
                                        RepeatCommand::kType};
  static constexpr std::array kQueries{ValueQuery::kType, SumQuery::kType};

  kernel::Table<Key, std::int64_t> values_;
  kernel::Table<std::uint64_t, Reminder> reminders_;
  kernel::HistoryTable<AdditionHistory> additions_;
  std::array<kernel::TableBase*, 3> tables_{&values_, &reminders_, &additions_};
};

}  // namespace keel::engine::test
