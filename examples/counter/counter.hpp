// The smallest complete module: named counters, each with a limit. docs/write-a-module.md builds it
// up step by step.
//
// Commands, events and rows are plain structs without padding; their bytes are the payloads.
#pragma once

#include <array>

#include "kernel/module.hpp"
#include "kernel/table.hpp"

namespace keel::examples {

inline constexpr kernel::ModuleId kCounterModule{60000};

// UTF-8, filled up with zero bytes.
using CounterName = std::array<char, 24>;

// --- commands ---

inline constexpr kernel::CommandType kCreateCounter{kCounterModule, 1};
struct CreateCounter {
  CounterName name;
  std::uint64_t limit;
};

// Answers with the new value, a std::uint64_t.
inline constexpr kernel::CommandType kCount{kCounterModule, 2};
struct Count {
  CounterName name;
  std::uint64_t by;
};

// What an outcome's code means.
enum class CounterOutcome : std::uint16_t {
  done = 0,
  exists = 1,         // a counter of that name is there already
  unknown_name = 2,   // there is no counter of that name
  limit_reached = 3,  // the value would go beyond the limit; nothing was counted
};

// --- events ---

struct CounterCreated {
  static constexpr kernel::EventType kEventType{kCounterModule, 1};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CounterName name;
  std::uint64_t limit;
};

struct Counted {
  static constexpr kernel::EventType kEventType{kCounterModule, 2};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CounterName name;
  std::uint64_t by;
};

// --- queries ---

// Payload: a CounterName. Answers with a Counter.
inline constexpr kernel::QueryType kGetCounter{kCounterModule, 1};

// --- state ---

struct CounterKey {
  TenantId tenant;  // the first part of every key
  std::array<std::byte, 4> zero;
  CounterName name;
};
struct Counter {
  std::uint64_t value;
  std::uint64_t limit;
};

// --- errors ---

inline constexpr ErrorKind kCounterMalformed{60000, "counter.malformed", ErrorClass::invalid};
inline constexpr ErrorKind kCounterMissing{60001, "counter.missing", ErrorClass::missing};
inline constexpr ErrorKind kCountersFull{60002, "counter.full", ErrorClass::overload};

class Counters final : public kernel::Module {
 public:
  static constexpr kernel::ModuleId kModule = kCounterModule;

  Counters(kernel::UndoLog& undo, kernel::HashSeed seed, kernel::TableOptions options = {})
      : counters_({kModule, 1}, "counter.counters", undo, seed, options) {}

  kernel::ModuleInfo info() const override;
  void needs(const kernel::Command& command, kernel::Needs& needs) const override;
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context& context) const override;
  void apply(const kernel::Event& event) override;
  Result<> query(const kernel::Query& query, Bytes& reply) const override;
  std::span<kernel::TableBase* const> tables() override { return tables_; }

 private:
  Result<CounterOutcome> create(kernel::Transaction& tx, ByteView payload) const;
  Result<CounterOutcome> count(kernel::Transaction& tx, ByteView payload) const;

  kernel::Table<CounterKey, Counter> counters_;
  std::array<kernel::TableBase*, 1> tables_{&counters_};
};

}  // namespace keel::examples
