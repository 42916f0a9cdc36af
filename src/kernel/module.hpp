// Module: a piece of the pure domain. It decides from a command, the state and the context; it
// remembers only by applying events; it talks to nobody.
//
// Rules, kept by gates: no clock, chance, thread, file, socket, environment, pointer order, hash
// order, and no floating point. State lives in kernel tables only. decide() is const: only apply()
// changes state, so a replay that decides nothing arrives at the same state. A module may hold
// const references to modules below it and call their public functions with the same Transaction:
// all events are one batch.
//
// docs/write-a-module.md is the guide; examples/ holds the smallest complete one.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "kernel/command.hpp"
#include "kernel/event.hpp"
#include "kernel/personal.hpp"
#include "kernel/table.hpp"
#include "kernel/transaction.hpp"

namespace keel::kernel {

// Collects the rows that a command will touch, so that the engine can fetch what is cold (and warm
// the processor's caches for what is not) before the decision.
class Needs {
 public:
  virtual void row(TableId table, ByteView key) = 0;
  // A person whose data the decision will seal (Transaction::seal): their key must be at hand. Here
  // naming too few is an error.
  virtual void subject(const Subject& subject) { static_cast<void>(subject); }

 protected:
  ~Needs() = default;
};

// The newest version of an event type that this binary understands, and its documented name.
struct EventSchema {
  EventType type;
  SchemaVersion version;
  std::string_view name;
  std::size_t row_bytes = 0;  // not zero: a row event of this size
};

struct ModuleInfo {
  ModuleId id;
  std::string_view name;                // "ledger": the prefix of its metrics, errors and commands
  std::span<const EventSchema> events;  // an event not listed here, or newer, stops the cell
  std::span<const CommandType> commands;
  std::span<const QueryType> queries;
};

class Module {
 public:
  virtual ~Module() = default;

  virtual ModuleInfo info() const = 0;

  // Names the rows that decide() will look at. May name too many; naming too few costs speed only:
  // a decision that lacked a row is made again.
  virtual void needs(const Command& command, Needs& needs) const = 0;

  // Error: malformed or not possible now; nothing is written. Outcome: an answer for ever, success
  // or not.
  virtual Result<Outcome> decide(Transaction& tx, const Command& command,
                                 const Context& context) const = 0;

  // Changes the state, and looks at no row of an append-only table. Must succeed for every event
  // that decide() or expire() of this or an older version has emitted; never depends on anything
  // but the event and the state.
  virtual void apply(const Event& event) = 0;

  // When something is due by time: the earliest moment, or nullopt.
  virtual std::optional<Timestamp> next_due() const { return std::nullopt; }
  // Looks at no row of an append-only table. Emits events for what was due at or before
  // context.now, at most `limit` of them; the number emitted.
  virtual std::size_t expire(Transaction& tx, const Context& context, std::size_t limit) const {
    static_cast<void>(tx), static_cast<void>(context), static_cast<void>(limit);
    return 0;
  }

  // Answers from the state. The answer's payload is appended to `reply`, bounded by the module.
  virtual Result<> query(const Query& query, Bytes& reply) const = 0;

  // Every table of this module, in a fixed order.
  virtual std::span<TableBase* const> tables() = 0;
};

}  // namespace keel::kernel
