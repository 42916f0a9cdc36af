// Batch: the events of one command on their way into the group that is forming. Rows of one type
// that follow one another become one record.
//
// Thread: the cell's writer. One Batch serves all commands, one after the other; it keeps its
// memory.
#pragma once

#include <vector>

#include "journal/port.hpp"
#include "kernel/command.hpp"
#include "kernel/transaction.hpp"

namespace keel::engine {

class Batch final : public kernel::EventSink {
 public:
  // Begins the batch of a command, or (nullptr) of what is due by time. `group` outlives the batch.
  void begin(journal::GroupBuilder& group, const kernel::Command* command);

  bool append(const kernel::Event& event, std::size_t row_bytes) override;
  Mark mark() const override;
  void truncate(Mark to) override;

  // No event has been appended, or all have been taken back.
  bool empty() const noexcept { return records_.empty(); }
  // Calls f(tenant, position) for each record of events, in order.
  template <typename F>
  void for_each_record(F&& f) const {
    for (const Written& record : records_) f(record.shape.tenant, record.position);
  }
  // Ends the batch with a record of the engine's own; its position, or nullopt: it does not fit.
  std::optional<Position> finish(kernel::EventType type, TenantId tenant, Timestamp time,
                                 ByteView payload);
  // Takes back everything since begin().
  void abandon();

 private:
  // What the next row must equal to be packed into the record.
  struct Shape {
    kernel::EventType type;
    TenantId tenant;
    Timestamp time;
    std::uint16_t schema_version = 0;
    std::uint16_t row_bytes = 0;
    friend bool operator==(const Shape&, const Shape&) = default;
  };
  struct Written {
    Shape shape;
    Position position;
  };

  journal::Envelope envelope_for(TenantId tenant, Timestamp time) const;

  journal::GroupBuilder* group_ = nullptr;
  journal::GroupBuilder::Mark begin_;
  journal::Envelope command_;  // what comes from the command
  std::vector<Written> records_;
};

}  // namespace keel::engine
