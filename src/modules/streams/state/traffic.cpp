// What messages and their settling do to the tables.
#include "modules/streams/state/state.hpp"

namespace keel::streams {

void State::apply_traffic(const kernel::Event& event) {
  BatchReader reader(event.payload);
  while (!reader.done()) {
    const OpView op = reader.next().value();
    switch (op.kind) {
      case OpKind::publish:
        publish(event, read_publish(op).value());
        break;
      case OpKind::forget:
        forget_packet(event.tenant, read_forget(op).value());
        break;
      case OpKind::release:
        release_entry(event.tenant, read_settle(op).value());
        break;
      case OpKind::finish:
        finish_entry(event.tenant, read_settle(op).value());
        break;
      case OpKind::drop: {
        const Settle dropped = read_settle(op).value();
        finish_entry(event.tenant, dropped);
        queues.modify(session_key(event.tenant, dropped.session),
                      [](QueueRecord& queue) { ++queue.dropped; });
        change_totals([](Totals& totals) { ++totals.dropped; });
        break;
      }
      default:
        KEEL_ASSERT(op.kind == OpKind::refuse);
        count_refused(event.tenant, ByteReader(op.body).read_object<Refused>().value());
    }
  }
  let_messages_go();
}

void State::publish(const kernel::Event& event, const PublishView& publish) {
  const PublishHead& head = publish.head;
  if (head.targets > 0 || head.flags.has(PublishFlag::captured)) store(event, publish);
  if (head.packet_id != 0) {
    inbound.insert(inbound_key(event.tenant, head.publisher, head.packet_id));
    queues.modify(session_key(event.tenant, head.publisher),
                  [](QueueRecord& queue) { ++queue.inbound; });
  }
  if (head.flags.has(PublishFlag::will)) take_will(event.tenant, head.publisher);
  if (head.flags.has(PublishFlag::retain)) set_retained(event, publish);
}

void State::store(const kernel::Event& event, const PublishView& publish) {
  const StreamNumber stream(publish.captured.stream);
  const std::size_t lane =
      stream.is_zero() ? 0 : logs.streams.find(stream_key(event.tenant, stream))->lane;
  Bytes identifiers;
  for (Targets targets(publish.targets); !targets.done();) {
    append(identifiers, targets.next().identifiers);
  }
  const std::size_t identifier_count = identifiers.size() / sizeof(std::uint32_t);
  const Place place = messages.append(lane,
                                      {.publisher = publish.head.publisher,
                                       .published = event.time,
                                       .expires_at = Timestamp{publish.head.expiry},
                                       .payload_bytes = publish.head.payload_bytes,
                                       .property_bytes = publish.head.property_bytes,
                                       .identifiers = static_cast<std::uint32_t>(identifier_count),
                                       .topic_bytes = publish.head.topic_bytes,
                                       .qos = publish.head.qos},
                                      std::array{as_bytes(publish.topic), publish.properties,
                                                 publish.payload, ByteView(identifiers)});
  if (publish.head.targets > 0) enqueue(event, publish, place);
  if (!stream.is_zero()) {
    logs.append(event, stream, place, Messages::rows_of(publish.message_bytes(), identifier_count));
  }
}

void State::enqueue(const kernel::Event& event, const PublishView& publish, Place place) {
  const TenantId tenant = event.tenant;
  const Timestamp expires_at{publish.head.expiry};
  messages.refer(place, publish.head.targets);

  const auto bytes = static_cast<std::uint32_t>(publish.message_bytes());
  std::uint32_t identifiers_at = 0;
  for (Targets targets(publish.targets); !targets.done();) {
    const TargetHead target = targets.next().head;
    EntryNumber number;
    queues.modify(session_key(tenant, target.session), [&](QueueRecord& queue) {
      number = queue.next_entry;
      queue.next_entry = EntryNumber(number.value() + 1);
      ++queue.entries;
      queue.bytes += bytes;
    });
    entries.insert(entry_key(tenant, target.session, number), {.place = place.stored(),
                                                               .expires_at = expires_at,
                                                               .bytes = bytes,
                                                               .identifiers_at = identifiers_at,
                                                               .identifiers = target.identifiers,
                                                               .qos = target.qos,
                                                               .stage = EntryStage::queued,
                                                               .flags = target.flags});
    identifiers_at += target.identifiers;
    if (!expires_at.is_never()) {
      due.insert({.at = expires_at,
                  .kind = DueKind::entry,
                  .tenant = tenant,
                  .session = target.session,
                  .entry = number});
    }
  }
}

// From here on it does not expire: its packet identifier is under way.
void State::release_entry(TenantId tenant, const Settle& settle) {
  const EntryKey key = entry_key(tenant, settle.session, settle.entry);
  const Timestamp expires_at = entries.find(key)->expires_at;
  if (!expires_at.is_never()) {
    due.erase({.at = expires_at,
               .kind = DueKind::entry,
               .tenant = tenant,
               .session = settle.session,
               .entry = settle.entry});
  }
  entries.modify(key, [](EntryRecord& entry) {
    entry.stage = EntryStage::released;
    entry.expires_at = Timestamp::never();
  });
}

void State::finish_entry(TenantId tenant, const Settle& settle) {
  const EntryKey key = entry_key(tenant, settle.session, settle.entry);
  const EntryRecord* found = entries.find(key);
  KEEL_ASSERT(found != nullptr);
  const EntryRecord entry = *found;
  if (!entry.expires_at.is_never()) {
    due.erase({.at = entry.expires_at,
               .kind = DueKind::entry,
               .tenant = tenant,
               .session = settle.session,
               .entry = settle.entry});
  }
  entries.erase(key);
  messages.release(Place(entry.place), 1);
  queues.modify(session_key(tenant, settle.session), [&](QueueRecord& queue) {
    --queue.entries;
    queue.bytes -= entry.bytes;
  });
}

void State::forget_packet(TenantId tenant, const Forget& forget) {
  inbound.erase(inbound_key(tenant, forget.session, forget.packet_id));
  queues.modify(session_key(tenant, forget.session), [](QueueRecord& queue) { --queue.inbound; });
}

void State::count_refused(TenantId tenant, const Refused& refused) {
  queues.modify(session_key(tenant, refused.session),
                [&](QueueRecord& queue) { queue.refused += refused.messages; });
  change_totals([&](Totals& totals) { totals.refused += refused.messages; });
}

void State::apply(const kernel::Event& event, const EntryExpired& expired) {
  finish_entry(event.tenant, expired.entry);
  change_totals([](Totals& totals) { ++totals.expired; });
  let_messages_go();
}

// --- retained messages ---

void State::set_retained(const kernel::Event& event, const PublishView& publish) {
  const RetainedKey key = retained_key(event.tenant, retained_cursor_of(publish.topic));
  if (retained.contains(key)) erase_retained(key);
  if (publish.payload.empty()) return;
  const RetainedRecord record{
      .content = add_content(
          event.tenant, std::array{as_bytes(publish.topic), publish.properties, publish.payload}),
      .publisher = publish.head.publisher,
      .published = event.time,
      .expires_at = Timestamp{publish.head.expiry},
      .payload_bytes = publish.head.payload_bytes,
      .property_bytes = publish.head.property_bytes,
      .topic_bytes = publish.head.topic_bytes,
      .qos = publish.head.qos,
      .reserved = {}};
  retained.insert(key, record);
  change_totals([&](Totals& totals) { totals.retained_bytes += record.bytes(); });
  if (!record.expires_at.is_never()) {
    retained_due.insert({.at = record.expires_at, .content = record.content}, key);
  }
}

void State::erase_retained(const RetainedKey& key) {
  const RetainedRecord* found = retained.find(key);
  KEEL_ASSERT(found != nullptr);
  const RetainedRecord record = *found;
  if (!record.expires_at.is_never()) {
    retained_due.erase({.at = record.expires_at, .content = record.content});
  }
  contents.erase(key.tenant, record.content, record.bytes());
  retained.erase(key);
  change_totals([&](Totals& totals) { totals.retained_bytes -= record.bytes(); });
}

void State::apply(const kernel::Event& event, const RetainedExpired& expired) {
  erase_retained(retained_key(event.tenant, expired.topic));
}

}  // namespace keel::streams
