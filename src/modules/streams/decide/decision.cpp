#include "modules/streams/decide/decision.hpp"

#include <algorithm>

#include "modules/streams/errors.hpp"

namespace keel::streams {

Decision::Decision(const State& state, const StreamsOptions& options, kernel::Transaction& tx,
                   const kernel::Context& context, Scratch& scratch)
    : state_(state), options_(options), tx_(tx), context_(context), scratch_(scratch) {
  scratch_.overlay.clear();
  scratch_.event.clear();
  scratch_.dropped.clear();
  room_ = room_of_state();
}

Result<> Decision::decide(ByteView payload) {
  if (payload.size() > kMaxBatchBytes) {
    return Error(kBatchTooLarge, "a batch of " + std::to_string(payload.size()) +
                                     " bytes; at most " + std::to_string(kMaxBatchBytes));
  }
  Bytes& reply = tx_.reply();
  const std::size_t head_at = reply.size();
  append(reply, object_bytes(BatchReplyHead{}));
  BatchReplyHead head;
  for (BatchReader reader(payload); !reader.done(); ++head.results) {
    if (head.results == kMaxBatchOps) {
      return Error(kBatchTooLarge,
                   "a batch of more than " + std::to_string(kMaxBatchOps) + " operations");
    }
    const OpView op = KEEL_TRY(reader.next());
    KEEL_TRY(decide(op));
    if (tx_.overflowed()) return success();
  }
  settle();
  head.dropped = static_cast<std::uint32_t>(scratch_.dropped.size());
  append(reply, std::as_bytes(std::span(scratch_.dropped)));
  std::ranges::copy(object_bytes(head), ByteSpan(reply).subspan(head_at).begin());
  return success();
}

Result<> Decision::decide(const OpView& op) {
  switch (op.kind) {
    case OpKind::publish:
      return publish(op);
    case OpKind::forget:
      return forget(op);
    case OpKind::release:
      return release(op);
    case OpKind::finish:
      return finish(op);
    default:
      break;
  }
  KEEL_TRY(decide_about_client(op));
  room_ = room_of_state();
  return success();
}

Result<> Decision::decide_about_client(const OpView& op) {
  switch (op.kind) {
    case OpKind::open:
      return open(op);
    case OpKind::close:
      return close(op);
    case OpKind::subscribe:
      return subscribe(op);
    case OpKind::unsubscribe:
      return unsubscribe(op);
    case OpKind::drop_will:
      return drop_will(op);
    default:
      return Error(kBadBatch,
                   "an operation of kind " + std::to_string(static_cast<unsigned>(op.kind)));
  }
}

void Decision::settle() {
  if (scratch_.event.empty()) return;
  tx_.emit(kTrafficRecorded, kSchema, scratch_.event);
  scratch_.event.clear();
  scratch_.overlay.clear();
  room_ = room_of_state();
}

Room Decision::room_of_state() const {
  const auto left = [](std::uint64_t most, std::uint64_t used) {
    return most - std::min(most, used);
  };
  const Totals totals = state_.totals();
  return {
      .message_rows = left(options_.max_message_bytes / kMessageRowBytes, state_.message_rows()),
      .entries = left(state_.entries.max_rows(), state_.entries.rows()),
      .inbound = left(state_.inbound.max_rows(), state_.inbound.rows()),
      .retained = left(state_.retained.max_rows(), state_.retained.rows()),
      .retained_bytes = left(options_.max_retained_bytes, totals.retained_bytes),
      .content_rows = left(state_.contents.max_rows(), state_.contents.rows()),
      .stream_rows = left(options_.max_stream_bytes / kMessageRowBytes, state_.logs.rows()),
      .blocks = left(state_.logs.blocks.max_rows(), state_.logs.blocks.rows())};
}

void Decision::answer(OpCode code, std::span<const std::uint64_t> numbers) {
  append(tx_.reply(),
         object_bytes(ResultHead{
             .code = code, .reserved = 0, .numbers = static_cast<std::uint32_t>(numbers.size())}));
  append(tx_.reply(), std::as_bytes(numbers));
}

void Decision::gather(OpKind kind, ByteView body) {
  append(scratch_.event,
         object_bytes(OpHead{.bytes = static_cast<std::uint32_t>(sizeof(OpHead) + body.size()),
                             .kind = kind,
                             .reserved = {}}));
  append(scratch_.event, body);
}

}  // namespace keel::streams
