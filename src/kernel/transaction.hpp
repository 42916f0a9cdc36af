// Transaction: what one command does, all of it or nothing. emit() appends an event to the batch
// and applies it at once, so that the rest of the decision sees its effect; rollback_to() takes
// back everything since a mark (a failed linked chain), the engine takes back everything when the
// decision is an Error or the journal refuses.
//
// Thread: the cell's writer. Lives for one decision.
#pragma once

#include "base/bytes.hpp"
#include "kernel/command.hpp"
#include "kernel/event.hpp"
#include "kernel/personal.hpp"
#include "kernel/undo.hpp"

namespace keel::kernel {

// Where the events of a transaction go on their way to the journal; implemented by the engine, and
// by a recorder in the tests of modules.
class EventSink {
 public:
  // A place in the batch that is forming, to come back to.
  struct Mark {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };

  // True when the event has been taken; false when the batch is full: the transaction is then
  // refused whole. `row_bytes` is not zero for rows, which may be packed with the rows before them.
  [[nodiscard]] virtual bool append(const Event& event, std::size_t row_bytes) = 0;
  virtual Mark mark() const = 0;
  virtual void truncate(Mark to) = 0;

 protected:
  ~EventSink() = default;
};

// Hands an event to the module that owns its type.
class EventApplier {
 public:
  virtual void apply(const Event& event) = 0;

 protected:
  ~EventApplier() = default;
};

class Transaction {
 public:
  struct Mark {
    EventSink::Mark events;
    UndoLog::Mark undo;
    std::size_t reply_bytes = 0;
  };

  // `reply` receives the answer's payload; `vault` is null where no module seals personal data.
  // `lacking` (or null) is set by whoever looks cold rows up, as soon as one is not at hand: the
  // decision will be made again, and what it emits from then on is passed over, so that no event
  // that may be wrong is ever applied. All references outlive the transaction.
  Transaction(TenantId tenant, const Context& context, EventSink& sink, EventApplier& applier,
              UndoLog& undo, Bytes& reply, const SubjectVault* vault = nullptr,
              const bool* lacking = nullptr);

  TenantId tenant() const noexcept { return tenant_; }
  // For Module::expire: whose the next events are. A command acts for its own tenant only.
  void act_for(TenantId tenant) noexcept { tenant_ = tenant; }

  // The cell time of the next fact: context.now at first, then one nanosecond later at each call,
  // so that every fact of a batch has a time of its own.
  Timestamp next_timestamp() noexcept;
  // The last one given, or context.now: the cell's time goes on after it.
  Timestamp last_timestamp() const noexcept;

  template <RowEvent Row>
  void emit(const Row& row) {
    emit(Row::kEventType, Row::kSchemaVersion, object_bytes(row), sizeof(Row));
  }
  // An event of any size. row_bytes: see EventSink.
  void emit(EventType type, SchemaVersion version, ByteView payload, std::size_t row_bytes = 0);

  // Seals a personal value for field `field` of an event of type `event` (personal.hpp): what goes
  // into the event in place of the value.
  Result<Bytes> seal(SubjectId subject, EventType event, std::uint32_t field, ByteView value);

  // True when an event did not fit into the batch; the engine then takes everything back and
  // refuses the command as overload. Until then events are still applied, so that the decision
  // finds the state that it has made; it may look here to end early.
  bool overflowed() const noexcept { return overflowed_; }

  Mark mark() const;
  // Takes back events, state and reply bytes since the mark. Marks taken after it are void.
  void rollback_to(const Mark& mark);

  // The payload of the answer, as the module documents it.
  Bytes& reply() noexcept [[clang::lifetimebound]] { return reply_; }

 private:
  TenantId tenant_;
  const Context& context_;
  EventSink& sink_;
  EventApplier& applier_;
  UndoLog& undo_;
  Bytes& reply_;
  const SubjectVault* vault_;
  const bool* lacking_;
  std::int64_t timestamps_ = 0;
  std::uint64_t seals_ = 0;
  bool overflowed_ = false;
};

}  // namespace keel::kernel
