#include "engine/projection/outbox.hpp"

#include "base/hash/sha256.hpp"
#include "engine/errors.hpp"

namespace keel::engine {

CommandId Outbox::item_id(CellId cell, std::string_view name, Position position,
                          std::uint32_t index) {
  struct Place {
    std::uint64_t position;
    std::uint32_t index;
    std::uint32_t cell;
  };
  const Place place{.position = position.value(), .index = index, .cell = cell.value()};
  const Digest digest = sha256({as_bytes("keel outbox "), object_bytes(place), as_bytes(name)});
  return CommandId(ByteReader(digest).read<uint128>().value());
}

runtime::Task<Result<Position>> Outbox::position() {
  co_return co_await parts_.positions.load();
}

runtime::Task<Result<>> Outbox::take(const FrameBatch& batch, Position upto, runtime::Wait wait) {
  Position done;
  for (const Frame& frame : batch.frames) {
    if (frame.kind != FrameKind::record) continue;
    const ByteView payload = batch.payload(frame);
    const std::size_t row = frame.envelope.row_bytes;
    const std::size_t events = row == 0 ? 1 : payload.size() / row;
    for (std::size_t i = 0; i < events; ++i) {
      const ByteView event = row == 0 ? payload : payload.subspan(i * row, row);
      const Result<> delivered =
          co_await deliver(frame, event, static_cast<std::uint32_t>(i), wait);
      if (delivered.ok()) continue;
      // What was done of this batch need not be done again.
      if (!done.is_zero()) KEEL_CO_TRY(co_await parts_.positions.store(done));
      co_return delivered;
    }
    done = frame.position;
  }
  // Without anything to do the position may lag behind: nothing is lost but a little reading.
  if (done.is_zero()) co_return success();
  co_return co_await parts_.positions.store(upto);
}

runtime::Task<Result<>> Outbox::deliver(const Frame& frame, ByteView payload, std::uint32_t index,
                                        runtime::Wait wait) {
  const OutboxItem item{.id = item_id(parts_.cell, parts_.name, frame.position, index),
                        .envelope = frame.envelope,
                        .index = index,
                        .payload = payload};
  const std::optional<OutboxReply> reply = KEEL_CO_TRY(co_await parts_.handler.deliver(item, wait));
  if (!reply.has_value()) co_return success();
  const kernel::Command command{.tenant = frame.envelope.tenant,
                                .principal = parts_.principal,
                                .id = item.id,
                                .correlation = frame.envelope.correlation,
                                .causation = CausationId(frame.envelope.command.value()),
                                .expected_revision = std::nullopt,
                                .type = reply->type,
                                .schema_version = reply->schema_version,
                                .payload = reply->payload};
  const Result<Answer> answer = co_await parts_.client.submit(command, wait);
  // Another reply to the same item has been taken in: this one came of a second delivery.
  if (answer.ok() || answer.error().is(kCommandIdReused)) co_return success();
  co_return answer.error();
}

}  // namespace keel::engine
