#include "modules/streams/payload/batch_reader.hpp"

#include "modules/streams/errors.hpp"

namespace keel::streams {
namespace {

bool is_zero(ByteView bytes) noexcept {
  for (const std::byte byte : bytes) {
    if (byte != std::byte{0}) return false;
  }
  return true;
}

// The operation is a T and nothing else.
template <typename T>
Result<T> whole(const OpView& op) {
  if (op.body.size() != sizeof(T)) return kBadBatch;
  return ByteReader(op.body).read_object<T>();
}

// Whether `targets` targets fill these bytes.
bool are_targets(ByteView bytes, std::size_t targets) {
  ByteReader reader(bytes);
  for (; targets > 0; --targets) {
    const auto head = reader.read_object<TargetHead>();
    if (!head.ok() || head->session.is_zero() || head->qos < 1 || head->qos > 2 ||
        (head->flags.bits() & ~std::uint8_t{1}) != 0 || head->reserved != 0 ||
        head->identifiers > kMaxIdentifiers ||
        !reader.take(head->identifiers * sizeof(std::uint32_t)).ok()) {
      return false;
    }
  }
  return reader.empty();
}

bool is_well_formed(const PublishHead& head) {
  if ((head.flags.bits() & ~std::uint8_t{15}) != 0 || head.qos > 2 || head.expiry < 0 ||
      head.topic_bytes == 0 || head.topic_bytes > kMaxTopicBytes) {
    return false;
  }
  // What is not durable is not queued; who waits for a release has a packet identifier.
  if (head.qos == 0 && (head.targets != 0 || head.flags.empty())) return false;
  if (head.flags.has(PublishFlag::will) && head.publisher.is_zero()) return false;
  if (head.flags.has(PublishFlag::to_stream) && head.flags.has(PublishFlag::captured)) return false;
  if (head.packet_id != 0 &&
      (head.qos != 2 || head.publisher.is_zero() || head.flags.has(PublishFlag::will))) {
    return false;
  }
  return std::uint64_t{head.topic_bytes} + head.property_bytes + head.payload_bytes <=
         kMaxMessageBytes;
}

}  // namespace

Result<OpView> BatchReader::next() {
  const auto head = rest_.read_object<OpHead>();
  if (!head.ok() || head->bytes < sizeof(OpHead) || !is_zero(head->reserved)) return kBadBatch;
  const auto body = rest_.take(head->bytes - sizeof(OpHead));
  if (!body.ok()) return kBadBatch;
  return OpView{.kind = head->kind, .body = *body};
}

TargetView Targets::next() {
  TargetView target{.head = rest_.read_object<TargetHead>().value(), .identifiers = {}};
  target.identifiers = rest_.take(target.head.identifiers * sizeof(std::uint32_t)).value();
  return target;
}

Result<PublishView> read_publish(const OpView& op) {
  ByteReader reader(op.body);
  const auto head = reader.read_object<PublishHead>();
  if (!head.ok() || !is_well_formed(*head)) return kBadBatch;
  if (reader.remaining() <
      std::size_t{head->topic_bytes} + head->property_bytes + head->payload_bytes) {
    return kBadBatch;
  }
  PublishView view{.head = *head,
                   .topic = as_text(reader.take(head->topic_bytes).value()),
                   .properties = reader.take(head->property_bytes).value(),
                   .payload = reader.take(head->payload_bytes).value()};
  std::size_t behind = 0;
  if (head->flags.has(PublishFlag::to_stream)) behind = sizeof(ToStream);
  if (head->flags.has(PublishFlag::captured)) behind = sizeof(Captured);
  if (reader.remaining() < behind) return kBadBatch;
  view.targets = reader.take(reader.remaining() - behind).value();
  if (head->flags.has(PublishFlag::to_stream)) {
    view.to_stream = reader.read_object<ToStream>().value();
  } else if (head->flags.has(PublishFlag::captured)) {
    view.captured = reader.read_object<Captured>().value();
  }
  if (!are_targets(view.targets, head->targets)) return kBadBatch;
  return view;
}

Result<Forget> read_forget(const OpView& op) {
  const auto forget = KEEL_TRY(whole<Forget>(op));
  if (forget.packet_id == 0 || !is_zero(forget.reserved)) return kBadBatch;
  return forget;
}

Result<Settle> read_settle(const OpView& op) {
  return whole<Settle>(op);
}

Result<OpenView> read_open(const OpView& op) {
  ByteReader reader(op.body);
  const auto read = reader.read_object<OpenHead>();
  if (!read.ok()) return kBadBatch;
  const OpenHead& head = *read;
  const std::uint64_t will_bytes =
      std::uint64_t{head.will_topic_bytes} + head.will_property_bytes + head.will_payload_bytes;
  if ((head.flags.bits() & ~std::uint8_t{7}) != 0 || head.reserved != 0 || head.will_qos > 2 ||
      head.client_bytes == 0 || head.client_bytes > kMaxClientIdBytes ||
      head.will_topic_bytes > kMaxTopicBytes || will_bytes > kMaxWillBytes ||
      reader.remaining() != head.client_bytes + will_bytes) {
    return kBadBatch;
  }
  const bool will = head.flags.has(OpenFlag::will);
  if (will ? head.will_topic_bytes == 0
           : will_bytes != 0 || head.will_qos != 0 || head.will_delay_s != 0 ||
                 head.flags.has(OpenFlag::will_retain)) {
    return kBadBatch;
  }
  return OpenView{.head = head,
                  .client_id = as_text(reader.take(head.client_bytes).value()),
                  .will_topic = as_text(reader.take(head.will_topic_bytes).value()),
                  .will_properties = reader.take(head.will_property_bytes).value(),
                  .will_payload = reader.take(head.will_payload_bytes).value()};
}

Result<Close> read_close(const OpView& op) {
  const auto close = KEEL_TRY(whole<Close>(op));
  if ((close.flags.bits() & ~std::uint32_t{3}) != 0) return kBadBatch;
  if (!close.flags.has(CloseFlag::expiry) && close.expiry_s != 0) return kBadBatch;
  return close;
}

Result<SubscribeView> read_subscribe(const OpView& op) {
  ByteReader reader(op.body);
  const auto head = reader.read_object<SubscribeHead>();
  if (!head.ok() || head->filter_bytes == 0 || head->filter_bytes > kMaxTopicBytes ||
      head->filter_bytes != reader.remaining() || head->reserved != 0) {
    return kBadBatch;
  }
  return SubscribeView{.head = *head, .filter = as_text(reader.take(head->filter_bytes).value())};
}

Result<UnsubscribeView> read_unsubscribe(const OpView& op) {
  ByteReader reader(op.body);
  const auto head = reader.read_object<UnsubscribeHead>();
  if (!head.ok() || head->filter_bytes == 0 || head->filter_bytes > kMaxTopicBytes ||
      head->filter_bytes != reader.remaining() || !is_zero(head->reserved)) {
    return kBadBatch;
  }
  return UnsubscribeView{.head = *head, .filter = as_text(reader.take(head->filter_bytes).value())};
}

Result<DropWill> read_drop_will(const OpView& op) {
  return whole<DropWill>(op);
}

}  // namespace keel::streams
