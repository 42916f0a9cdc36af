// Outbox: what must happen outside because of an event happens here: at least once, in order, under
// an id that is the same each time, and only for what is durable. What the outside says comes back
// as a command under that id, so that it is taken in once.
//
//   event ──► OutboxHandler::deliver ──► command (optional) ──► position stored
//
// An item that fails holds up those behind it; the runner tries it again after a growing pause.
// Thread: the client's core. Lifetime: everything that it is given outlives it.
#pragma once

#include "engine/projection/position_file.hpp"
#include "engine/projection/projection.hpp"
#include "engine/requests/client.hpp"

namespace keel::engine {

// One thing to do.
struct OutboxItem {
  CommandId id;  // of cell, outbox, position and index: for the other side's idempotency, too
  journal::Envelope envelope;
  std::uint32_t index = 0;  // of the row in its record
  ByteView payload;         // one event
};

// What came of it.
struct OutboxReply {
  kernel::CommandType type;
  kernel::SchemaVersion schema_version;
  Bytes payload;
};

class OutboxHandler {
 public:
  virtual ~OutboxHandler() = default;
  // Does it; an error means that it is to be tried again. The reply, when there is one, is
  // submitted for the event's tenant under the item's id.
  virtual runtime::Task<Result<std::optional<OutboxReply>>> deliver(const OutboxItem& item,
                                                                    runtime::Wait wait) = 0;
};

class Outbox final : public Projection {
 public:
  struct Parts {
    CellClient& client;
    OutboxHandler& handler;
    PositionFile positions;
    CellId cell;
    std::string name;  // never changes: it is a part of the ids
    std::vector<kernel::EventType> types;
    PrincipalId principal;  // who submits the replies
  };
  explicit Outbox(Parts parts) : parts_(std::move(parts)) {}

  static CommandId item_id(CellId cell, std::string_view name, Position position,
                           std::uint32_t index);

  std::string_view name() const override { return parts_.name; }
  RecordFilter filter() const override { return {.types = parts_.types}; }
  runtime::Task<Result<Position>> position() override;
  runtime::Task<Result<>> take(const FrameBatch& batch, Position upto, runtime::Wait wait) override;

 private:
  runtime::Task<Result<>> deliver(const Frame& frame, ByteView payload, std::uint32_t index,
                                  runtime::Wait wait);

  Parts parts_;
};

}  // namespace keel::engine
