// Deciding about messages and their settling.
#include <algorithm>

#include "modules/streams/decide/decision.hpp"
#include "modules/streams/errors.hpp"

namespace keel::streams {
namespace {

using Kind = Overlay::Kind;

// As the event has them.
PublishFlags recorded_flags(PublishFlags asked, bool captured) {
  PublishFlags flags;
  for (const PublishFlag flag : {PublishFlag::retain, PublishFlag::will}) {
    if (asked.has(flag)) flags |= flag;
  }
  if (captured) flags |= PublishFlag::captured;
  return flags;
}

// How many entries of a queue are looked at to make room for one.
constexpr int kMostLookedAt = 64;

// What replaces a retained message may take more than is left now: the one of before gives it back.
void take(std::uint64_t& left, std::uint64_t used) {
  left -= std::min(left, used);
}

// That it takes, at most: refused targets take their identifiers with them.
std::uint64_t rows_of(const PublishView& publish) {
  const std::size_t identifiers =
      (publish.targets.size() - publish.head.targets * sizeof(TargetHead)) / sizeof(std::uint32_t);
  return Messages::rows_of(publish.message_bytes(), identifiers);
}

}  // namespace

Result<> Decision::publish(const OpView& op) {
  const PublishView publish = KEEL_TRY(read_publish(op));
  targets_ += publish.head.targets;
  if (targets_ > kMaxBatchTargets) {
    return Error(kBatchTooLarge,
                 "a batch with more than " + std::to_string(kMaxBatchTargets) + " targets");
  }
  if (publish.head.flags.has(PublishFlag::captured)) return kBadBatch;
  OpCode code = check_publish(publish);
  if (code == OpCode::done) code = choose_stream(publish);
  if (code == OpCode::done) code = check_room(publish);
  if (code != OpCode::done) {
    answer(code);
    return success();
  }
  if (!take_targets(publish, false)) {
    settle();
    scratch_.overlay.clear();
    make_room(publish);
    static_cast<void>(take_targets(publish, true));
  }
  record(publish);
  if (!taker_.is_zero()) {
    const Overlay::Added& added = scratch_.overlay.touch(Kind::stream, overlay_id(taker_), 0);
    scratch_.numbers.push_back(EntryNumber(taker_.value()));
    scratch_.numbers.push_back(
        EntryNumber(state_.logs.stream(tenant(), taker_)->last + added.entries));
  }
  append(tx_.reply(),
         object_bytes(ResultHead{.code = OpCode::done,
                                 .reserved = 0,
                                 .numbers = static_cast<std::uint32_t>(scratch_.numbers.size())}));
  append(tx_.reply(), std::as_bytes(std::span(scratch_.numbers)));
  return success();
}

// Exactly once: of a packet id that is remembered, and of a will.
OpCode Decision::check_publish(const PublishView& publish) {
  const PublishHead& head = publish.head;
  if (head.packet_id != 0) {
    if (state_.find_queue(tenant(), head.publisher) == nullptr) return OpCode::no_session;
    if (scratch_.overlay.contains(Kind::packet, head.publisher, head.packet_id)) settle();
    if (state_.inbound.contains(inbound_key(tenant(), head.publisher, head.packet_id))) {
      return OpCode::repeated;
    }
  }
  if (head.flags.has(PublishFlag::will)) {
    if (scratch_.overlay.contains(Kind::will, head.publisher, 0)) settle();
    if (!state_.wills.contains(session_key(tenant(), head.publisher))) return OpCode::no_will;
  }
  return OpCode::done;
}

OpCode Decision::check_room(const PublishView& publish) {
  const OpCode loosely = fits(publish);
  if (loosely == OpCode::done) return loosely;
  settle();
  if (!publish.head.flags.has(PublishFlag::retain)) return fits(publish);
  // What it replaces makes room.
  const RetainedRecord* old =
      state_.retained.find(retained_key(tenant(), retained_cursor_of(publish.topic)));
  if (old == nullptr) return fits(publish);
  room_.retained += 1;
  room_.retained_bytes += old->bytes();
  room_.content_rows += Contents::rows_of(old->bytes());
  const OpCode exactly = fits(publish);
  if (exactly != OpCode::done) room_ = room_of_state();
  return exactly;
}

OpCode Decision::fits(const PublishView& publish) const {
  const PublishHead& head = publish.head;
  if (head.packet_id != 0 && room_.inbound == 0) return OpCode::inbound_full;
  if (head.targets > room_.entries) return OpCode::messages_full;
  if (!taker_.is_zero()) {
    if (rows_of(publish) > room_.stream_rows || room_.blocks == 0) return OpCode::streams_full;
  } else if (head.targets > 0 && rows_of(publish) > room_.message_rows) {
    return OpCode::messages_full;
  }
  if (head.flags.has(PublishFlag::retain) && !publish.payload.empty()) {
    if (room_.retained == 0 || publish.message_bytes() > room_.retained_bytes) {
      return OpCode::retained_full;
    }
    if (Contents::rows_of(publish.message_bytes()) > room_.content_rows) {
      return OpCode::contents_full;
    }
  }
  return OpCode::done;
}

bool Decision::is_over(const QueueRecord& queue, const Overlay::Added& added,
                       std::uint64_t bytes) const {
  return queue.entries + added.entries >= options_.session_entries ||
         queue.bytes + added.bytes + bytes > options_.session_bytes;
}

// False: a queue might be full, and what was gathered must be applied to know. `exact`: it has
// been.
bool Decision::take_targets(const PublishView& publish, bool exact) {
  scratch_.numbers.clear();
  const std::uint64_t bytes = publish.message_bytes();
  for (Targets targets(publish.targets); !targets.done();) {
    const SessionNumber session = targets.next().head.session;
    const QueueRecord* queue = state_.find_queue(tenant(), session);
    if (queue == nullptr) {
      scratch_.numbers.push_back(kTargetMissing);
      continue;
    }
    Overlay::Added& added = scratch_.overlay.touch(Kind::queue, session, 0);
    if (is_over(*queue, added, bytes)) {
      if (!exact) return false;
      scratch_.numbers.push_back(kTargetFull);
      continue;
    }
    scratch_.numbers.push_back(EntryNumber(queue->next_entry.value() + added.entries));
    ++added.entries;
    added.bytes += bytes;
  }
  return true;
}

// The oldest entries give way, where the settings say so. Nothing is gathered when it is called.
void Decision::make_room(const PublishView& publish) {
  if (options_.when_full != WhenFull::drop_oldest) return;
  const std::uint64_t bytes = publish.message_bytes();
  for (Targets targets(publish.targets); !targets.done();) {
    const SessionNumber session = targets.next().head.session;
    const QueueRecord* queue = state_.find_queue(tenant(), session);
    if (queue == nullptr || scratch_.overlay.contains(Kind::queue, session, 0)) continue;
    if (drop_oldest(session, *queue, bytes)) {
      static_cast<void>(scratch_.overlay.touch(Kind::queue, session, 0));
    }
  }
  settle();
}

bool Decision::drop_oldest(SessionNumber session, const QueueRecord& queue, std::uint64_t bytes) {
  if (bytes > options_.session_bytes || options_.session_entries == 0) return false;
  QueueRecord left = queue;
  auto at = state_.entries.lower_bound(entry_key(tenant(), session, {}));
  for (int looked = 0; is_over(left, {}, bytes) && looked < kMostLookedAt && at; ++looked) {
    if (at.key().session != session || at.key().tenant != tenant()) break;
    // Of what is released the receiver has the message: its packet identifier stays under way.
    if (at.row().stage == EntryStage::queued) {
      const Settle dropped{.session = session, .entry = at.key().number};
      gather(OpKind::drop, object_bytes(dropped));
      scratch_.dropped.push_back(dropped);
      --left.entries;
      left.bytes -= at.row().bytes;
    }
    at.next();
  }
  return true;
}

// Gathers the message with the targets that have taken it.
void Decision::record(const PublishView& publish) {
  PublishHead head = publish.head;
  const std::int64_t now = context_.now.ns;
  head.expiry = head.expiry > INT64_MAX - now ? INT64_MAX : now + head.expiry;
  head.flags = recorded_flags(head.flags, !taker_.is_zero());
  head.targets = 0;
  std::size_t target_bytes = 0;
  std::size_t index = 0;
  for (Targets targets(publish.targets); !targets.done(); ++index) {
    const TargetView target = targets.next();
    if (scratch_.numbers[index] >= kTargetFull) continue;
    ++head.targets;
    target_bytes += sizeof(TargetHead) + target.identifiers.size();
  }
  Bytes& event = scratch_.event;
  append(event,
         object_bytes(OpHead{.bytes = static_cast<std::uint32_t>(
                                 sizeof(OpHead) + sizeof(PublishHead) + publish.message_bytes() +
                                 target_bytes + (taker_.is_zero() ? 0 : sizeof(Captured))),
                             .kind = OpKind::publish,
                             .reserved = {}}));
  append(event, object_bytes(head));
  append(event, as_bytes(publish.topic));
  append(event, publish.properties);
  append(event, publish.payload);
  if (head.targets == publish.head.targets) {
    append(event, publish.targets);
  } else {
    index = 0;
    for (Targets targets(publish.targets); !targets.done(); ++index) {
      const TargetView target = targets.next();
      if (scratch_.numbers[index] >= kTargetFull) continue;
      append(event, object_bytes(target.head));
      append(event, target.identifiers);
    }
  }
  if (!taker_.is_zero()) append(event, object_bytes(Captured{.stream = taker_.value()}));
  if (head.targets != publish.head.targets) {
    index = 0;
    for (Targets targets(publish.targets); !targets.done(); ++index) {
      const SessionNumber session = targets.next().head.session;
      if (scratch_.numbers[index] != kTargetFull) continue;
      gather(OpKind::refuse, object_bytes(Refused{.session = session, .messages = 1}));
    }
  }
  take_room(publish, head,
            (target_bytes - head.targets * sizeof(TargetHead)) / sizeof(std::uint32_t));
}

// Notes what the message as recorded will take.
void Decision::take_room(const PublishView& publish, const PublishHead& head,
                         std::size_t identifiers) {
  const std::uint64_t rows = Messages::rows_of(publish.message_bytes(), identifiers);
  take(room_.entries, head.targets);
  if (!taker_.is_zero()) {
    take(room_.stream_rows, rows);
    take(room_.blocks, 1);
    Overlay::Added& added = scratch_.overlay.touch(Kind::stream, overlay_id(taker_), 0);
    ++added.entries;
    added.bytes += rows;
  } else if (head.targets > 0) {
    take(room_.message_rows, rows);
  }
  if (head.packet_id != 0) {
    take(room_.inbound, 1);
    static_cast<void>(scratch_.overlay.touch(Kind::packet, head.publisher, head.packet_id));
  }
  if (head.flags.has(PublishFlag::will)) {
    static_cast<void>(scratch_.overlay.touch(Kind::will, head.publisher, 0));
  }
  if (head.flags.has(PublishFlag::retain) && !publish.payload.empty()) {
    take(room_.retained, 1);
    take(room_.retained_bytes, publish.message_bytes());
    take(room_.content_rows, Contents::rows_of(publish.message_bytes()));
  }
}

Result<> Decision::forget(const OpView& op) {
  const Forget forget = KEEL_TRY(read_forget(op));
  if (state_.find_queue(tenant(), forget.session) == nullptr) {
    answer(OpCode::no_session);
    return success();
  }
  if (scratch_.overlay.contains(Kind::packet, forget.session, forget.packet_id)) settle();
  if (!state_.inbound.contains(inbound_key(tenant(), forget.session, forget.packet_id))) {
    answer(OpCode::no_packet);
    return success();
  }
  gather(op.kind, op.body);
  static_cast<void>(scratch_.overlay.touch(Kind::packet, forget.session, forget.packet_id));
  answer(OpCode::done);
  return success();
}

// Null: there is none, and that is answered.
const EntryRecord* Decision::find_entry(const Settle& settled) {
  const QueueRecord* queue = state_.find_queue(tenant(), settled.session);
  if (queue == nullptr) {
    answer(OpCode::no_session);
    return nullptr;
  }
  if (settled.entry >= queue->next_entry ||
      scratch_.overlay.contains(Kind::entry, settled.session, settled.entry.value())) {
    settle();
  }
  const EntryRecord* entry =
      state_.entries.find(entry_key(tenant(), settled.session, settled.entry));
  if (entry == nullptr) answer(OpCode::no_entry);
  return entry;
}

Result<> Decision::release(const OpView& op) {
  const Settle settled = KEEL_TRY(read_settle(op));
  const EntryRecord* entry = find_entry(settled);
  if (entry == nullptr) return success();
  if (entry->qos != 2) {
    answer(OpCode::no_entry);
    return success();
  }
  if (entry->stage == EntryStage::queued) {
    gather(op.kind, op.body);
    static_cast<void>(scratch_.overlay.touch(Kind::entry, settled.session, settled.entry.value()));
  }
  answer(OpCode::done);
  return success();
}

Result<> Decision::finish(const OpView& op) {
  const Settle settled = KEEL_TRY(read_settle(op));
  if (find_entry(settled) == nullptr) return success();
  gather(op.kind, op.body);
  static_cast<void>(scratch_.overlay.touch(Kind::entry, settled.session, settled.entry.value()));
  answer(OpCode::done);
  return success();
}

}  // namespace keel::streams
