#include "sim/torture/streams/asked_batch.hpp"

#include <algorithm>

namespace keel::torture {

namespace {

using namespace streams;  // the whole file speaks of its records

bool zeros(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
}

// Takes fields off; false once the bytes do not suffice.
class Fields {
 public:
  explicit Fields(ByteView bytes) : rest_(bytes) {}
  template <typename T>
  T take() {
    const auto read = rest_.read_object<T>();
    ok_ = ok_ && read.ok();
    return read.ok() ? *read : T{};
  }
  ByteView bytes(std::size_t count) {
    const auto taken = rest_.take(count);
    ok_ = ok_ && taken.ok();
    return taken.ok() ? *taken : ByteView();
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  ByteReader rest_;
  bool ok_ = true;
};

bool read_publish_op(AskedOp& op) {
  Fields fields(op.body);
  const auto head = fields.take<PublishHead>();
  const bool will = head.flags.has(PublishFlag::will);
  const std::uint64_t bytes =
      std::uint64_t{head.topic_bytes} + head.property_bytes + head.payload_bytes;
  if (head.flags.bits() > 3 || head.qos > 2 || head.expiry < 0 || head.topic_bytes == 0 ||
      head.topic_bytes > kMaxTopicBytes || bytes > kMaxMessageBytes) {
    return false;
  }
  if (head.qos == 0 && (head.targets > 0 || head.flags.bits() == 0)) return false;
  if (will && head.publisher.is_zero()) return false;
  if (head.packet_id != 0 && (head.qos != 2 || head.publisher.is_zero() || will)) return false;
  op.publish = {.publisher = head.publisher,
                .qos = head.qos,
                .flags = head.flags,
                .packet_id = head.packet_id,
                .expiry = Duration{head.expiry}};
  op.publish.topic = as_text(fields.bytes(head.topic_bytes));
  op.publish.properties = fields.bytes(head.property_bytes);
  op.publish.payload = fields.bytes(head.payload_bytes);
  for (std::uint16_t i = 0; i < head.targets && fields.ok(); ++i) {
    const auto target = fields.take<TargetHead>();
    if (target.session.is_zero() || target.qos < 1 || target.qos > 2 || target.flags.bits() > 1 ||
        target.identifiers > kMaxIdentifiers || target.reserved != 0) {
      return false;
    }
    auto& identifiers = op.identifiers.emplace_back();
    for (std::uint16_t at = 0; at < target.identifiers; ++at) {
      identifiers.push_back(fields.take<std::uint32_t>());
    }
    op.targets.push_back({.session = target.session, .qos = target.qos, .flags = target.flags});
  }
  return fields.at_end();
}

bool read_open_op(AskedOp& op) {
  Fields fields(op.body);
  const auto head = fields.take<OpenHead>();
  const bool has_will = head.flags.has(OpenFlag::will);
  const std::uint64_t will_bytes =
      std::uint64_t{head.will_topic_bytes} + head.will_property_bytes + head.will_payload_bytes;
  if (head.flags.bits() > 7 || head.reserved != 0 || head.will_qos > 2 || head.client_bytes == 0 ||
      head.client_bytes > kMaxClientIdBytes || head.will_topic_bytes > kMaxTopicBytes ||
      will_bytes > kMaxWillBytes || has_will != (head.will_topic_bytes > 0)) {
    return false;
  }
  if (!has_will && (will_bytes > 0 || head.will_qos > 0 || head.will_delay_s > 0 ||
                    head.flags.has(OpenFlag::will_retain))) {
    return false;
  }
  op.open = {.client_id = as_text(fields.bytes(head.client_bytes)),
             .clean_start = head.flags.has(OpenFlag::clean_start),
             .expiry_s = head.expiry_s};
  if (has_will) {
    Will& will = op.will.emplace();
    will.topic = as_text(fields.bytes(head.will_topic_bytes));
    will.properties = fields.bytes(head.will_property_bytes);
    will.payload = fields.bytes(head.will_payload_bytes);
    will.qos = head.will_qos;
    will.retain = head.flags.has(OpenFlag::will_retain);
    will.delay_s = head.will_delay_s;
  }
  return fields.at_end();
}

bool read_filter_op(AskedOp& op) {
  Fields fields(op.body);
  std::uint16_t bytes = 0;
  if (op.kind == OpKind::subscribe) {
    const auto head = fields.take<SubscribeHead>();
    if (head.reserved != 0) return false;
    op.subscribe = {
        .session = head.session, .options = head.options, .identifier = head.identifier};
    bytes = head.filter_bytes;
  } else {
    const auto head = fields.take<UnsubscribeHead>();
    if (!zeros(head.reserved)) return false;
    op.subscribe.session = head.session;
    bytes = head.filter_bytes;
  }
  if (bytes == 0 || bytes > kMaxTopicBytes) return false;
  op.subscribe.filter = as_text(fields.bytes(bytes));
  return fields.at_end();
}

bool read_small_op(AskedOp& op) {
  Fields fields(op.body);
  if (op.kind == OpKind::forget) {
    op.forget = fields.take<Forget>();
    if (op.forget.packet_id == 0 || !zeros(op.forget.reserved)) return false;
  } else if (op.kind == OpKind::release || op.kind == OpKind::finish) {
    op.settle = fields.take<Settle>();
  } else if (op.kind == OpKind::drop_will) {
    op.settle.session = fields.take<DropWill>().session;
  } else if (op.kind == OpKind::close) {
    op.close = fields.take<Close>();
    if (op.close.flags.bits() > 3) return false;
    if (!op.close.flags.has(CloseFlag::expiry) && op.close.expiry_s != 0) return false;
  } else {
    return false;  // no kind that a command has
  }
  return fields.at_end();
}

bool read_op(AskedOp& op) {
  if (op.kind == OpKind::publish) return read_publish_op(op);
  if (op.kind == OpKind::open) return read_open_op(op);
  if (op.kind == OpKind::subscribe || op.kind == OpKind::unsubscribe) return read_filter_op(op);
  return read_small_op(op);
}

}  // namespace

std::optional<std::vector<AskedOp>> read_batch(ByteView payload) {
  std::vector<AskedOp> ops;
  for (const ByteView whole : split_ops(payload)) {
    Fields fields(whole);
    const auto head = fields.take<OpHead>();
    if (!fields.ok() || head.bytes != whole.size() || !zeros(head.reserved)) return std::nullopt;
    AskedOp& op = ops.emplace_back();
    op.kind = head.kind;
    op.body = whole.subspan(sizeof(OpHead));
    if (!read_op(op)) return std::nullopt;
  }
  return ops;
}

bool fits_a_batch(ByteView payload, const std::vector<AskedOp>& ops) {
  std::size_t targets = 0;
  for (const AskedOp& op : ops) targets += op.targets.size();
  return payload.size() <= kMaxBatchBytes && ops.size() <= kMaxBatchOps &&
         targets <= kMaxBatchTargets;
}

std::vector<ByteView> split_ops(ByteView payload) {
  std::vector<ByteView> ops;
  while (!payload.empty()) {
    const auto bytes = ByteReader(payload).read<std::uint32_t>();
    const bool whole = bytes.ok() && *bytes >= sizeof(OpHead) && *bytes <= payload.size();
    ops.push_back(payload.first(whole ? *bytes : payload.size()));
    payload = payload.subspan(ops.back().size());
  }
  return ops;
}

}  // namespace keel::torture
