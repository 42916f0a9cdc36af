// From the module's answer to the client.
#include <algorithm>

#include "base/assert.hpp"
#include "engine/requests/client.hpp"
#include "servers/mqtt/broker/broker.hpp"

namespace keel::broker {

using mqtt::PacketId;
using mqtt::Qos;
using mqtt::Reason;
using mqtt::Sent;
using runtime::Task;
using streams::OpCode;

namespace {

// Topics that one look at what is retained may pass before others have their turn.
constexpr std::size_t kScanStep = 1'000;
// Of one reading of a session's queue.
constexpr std::uint32_t kPageRows = 64;
constexpr std::uint32_t kPageBytes = 256 * 1'024;

// At QoS 2 clients are known that take any other word than success for a refusal.
Reason success_of(const Routed& routed) {
  const bool says_so = routed.receivers.empty() && routed.message->qos() == Qos::at_least_once;
  return says_so ? Reason::no_matching_subscribers : Reason::success;
}

}  // namespace

// Who waits for a message of the node's own.
void Broker::tell(const Receipt& receipt, bool is_done) {
  if (receipt.own == nullptr) return;
  if (!is_done) receipt.own->failed = true;
  if (--receipt.own->left == 0) receipt.own->waiting.wake_all();
}

// What has become durable.

void Broker::settled(Receipt& receipt, const streams::OpResult& result) {
  if (receipt.what == Receipt::What::publish) {
    on_published(receipt, result);
    return tell(receipt, result.code == OpCode::done);
  }
  Session* session = find(receipt.session, receipt.attachment);
  if (session == nullptr || !session->is_connected()) return;
  const PacketId id(receipt.packet_id);
  if (receipt.what == Receipt::What::forget) session->peer->link().complete(id);
  if (receipt.what == Receipt::What::release) session->peer->link().release(id);
  session->peer->flush();
}

// Nobody knows what has become of it, or it was refused for good: the client asks again when it
// comes back.
void Broker::failed(Receipt& receipt) {
  tell(receipt, false);
  if (receipt.what == Receipt::What::nothing) return;
  Session* session = find(receipt.session, receipt.attachment);
  if (session != nullptr && session->peer != nullptr) drop(*session, Reason::server_unavailable);
}

void Broker::on_published(Receipt& receipt, const streams::OpResult& result) {
  const Routed& routed = *receipt.routed;
  switch (result.code) {
    case OpCode::done:
      if (routed.retain) retain(routed.message);
      acknowledge(receipt, success_of(routed));
      if (routed.receivers.empty()) ++stats_.dropped_no_receiver;
      return deliver(routed, result);
    case OpCode::repeated:
      return acknowledge(receipt, Reason::success);
    case OpCode::no_will:
      return;
    default:
      ++stats_.refused_module;
      return acknowledge(receipt, Reason::quota_exceeded);
  }
}

void Broker::acknowledge(const Receipt& receipt, Reason reason) {
  Session* session = find(receipt.session, receipt.attachment);
  if (session == nullptr || !session->is_connected()) return;
  // Older versions have no word for it.
  if (is_failure(reason) && session->peer->link().version() != mqtt::Version::v5) {
    return drop(*session, reason);
  }
  session->peer->link().acknowledge(PacketId(receipt.packet_id), reason);
  session->peer->flush();
  session->peer->unblock();
}

void Broker::deliver(const Routed& routed, const streams::OpResult& result) {
  Bytes space;
  const auto message = routed.message->at(wall(), space);
  if (!message) {
    stats_.dropped_expired += routed.receivers.size();
    return;
  }
  mqtt::FanOut fan_out(*message);
  for (const RoutedReceiver& receiver : routed.receivers) {
    Session* session = sessions_.find(receiver.session);
    if (session == nullptr || session->serial != receiver.serial) {
      ++stats_.dropped_ended;
      continue;
    }
    Waiting waiting{.message = routed.message,
                    .qos = receiver.qos,
                    .retain = receiver.retain,
                    .identifiers = receiver.identifiers};
    if (receiver.target == RoutedReceiver::kNoTarget) {
      deliver_or_keep(*session, fan_out, std::move(waiting));
      continue;
    }
    waiting.entry = result.entry(receiver.target);
    if (waiting.entry >= streams::kTargetFull) {
      ++(waiting.entry == streams::kTargetMissing ? stats_.dropped_ended
                                                  : stats_.dropped_queue_full);
      continue;
    }
    deliver_entry(*session, fan_out, waiting);
  }
}

// To a session whose queue the module has. What is not sent now is read from there later.
void Broker::deliver_entry(Session& session, mqtt::FanOut& message, const Waiting& waiting) {
  session.newest = std::max(session.newest, waiting.entry);
  if (!session.is_connected() || session.is_behind || waiting.entry <= session.taken) return;
  const bool is_first = session.waiting == nullptr || session.waiting->empty();
  if (is_first && has_output_room(session, waiting.message->bytes())) {
    const Sent sent = send(session, message, waiting);
    if (sent != Sent::window_full) {
      session.taken = waiting.entry;
      return;
    }
  }
  session.is_behind = true;
  session.peer->flush();
}

// To a session that ends with its connection.
void Broker::deliver_or_keep(Session& session, mqtt::FanOut& message, Waiting waiting) {
  if (!session.is_connected()) {
    ++stats_.dropped_offline;
    return;
  }
  const std::size_t bytes = waiting.message->bytes();
  const bool has_room = has_output_room(session, bytes);
  if (waiting.qos == Qos::at_most_once) {
    if (has_room) {
      send(session, message, waiting);
    } else {
      ++stats_.dropped_slow;
    }
    return;
  }
  const bool is_first = session.waiting == nullptr || session.waiting->empty();
  if (is_first && has_room && send(session, message, waiting) != Sent::window_full) return;
  if (session.waiting == nullptr) session.waiting = std::make_unique<std::deque<Waiting>>();
  if (session.waiting->size() >= options_.queued_messages ||
      session.waiting_bytes + bytes > options_.queued_bytes) {
    ++stats_.dropped_queue_full;
    return;
  }
  session.waiting_bytes += bytes;
  session.waiting->push_back(std::move(waiting));
  session.peer->flush();
}

// To a client's link.

bool Broker::has_output_room(const Session& session, std::size_t bytes) const {
  const std::size_t before = session.peer->link().output().size();
  return before == 0 || before + bytes <= options_.output_bytes;
}

Sent Broker::send(Session& session, mqtt::FanOut& message, const mqtt::Outgoing& outgoing) {
  const Sent sent = session.peer->link().publish(message, outgoing);
  if (sent == Sent::sent) {
    ++stats_.sent[static_cast<std::size_t>(outgoing.qos)];
    session.peer->flush();
  } else if (sent == Sent::too_large) {
    ++stats_.dropped_too_large;
  }
  return sent;
}

Sent Broker::send(Session& session, mqtt::FanOut& message, const Waiting& waiting) {
  mqtt::Outgoing outgoing{
      .qos = waiting.qos, .retain = waiting.retain, .identifiers = waiting.identifiers};
  if (!waiting.entry.is_zero()) {
    outgoing.tag = mqtt::DeliveryTag(waiting.entry.value());
    outgoing.id = PacketId(streams::packet_id_of(waiting.entry));
    outgoing.duplicate = waiting.duplicate;
  }
  const Sent sent = send(session, message, outgoing);
  if (sent == Sent::too_large) finish_entry(session, waiting.entry);
  return sent;
}

// What its client is done with is noted when something else is written anyway.
void Broker::finish_entry(const Session& session, streams::EntryNumber entry) {
  if (entry.is_zero() || session.number.is_zero()) return;
  queue_.add(
      {}, [&](streams::BatchWriter& batch) { return batch.finish(session.number, entry); }, true);
}

void Broker::forget(Session& session, PacketId id) {
  if (!session.has_queue) {
    session.peer->link().complete(id);
    return;
  }
  queue_.add({.what = Receipt::What::forget,
              .packet_id = id.value(),
              .session = session.id,
              .attachment = session.attachment},
             [&](streams::BatchWriter& batch) { return batch.forget(session.number, id.value()); });
}

void Broker::received(Session& session, const mqtt::DeliveryReceived& event) {
  if (event.tag.is_zero()) {
    session.peer->link().release(event.id);
    return;
  }
  queue_.add({.what = Receipt::What::release,
              .packet_id = event.id.value(),
              .session = session.id,
              .attachment = session.attachment},
             [&](streams::BatchWriter& batch) {
               return batch.release(session.number, streams::EntryNumber(event.tag.value()));
             });
}

void Broker::delivered(Session& session, const mqtt::DeliveryEnded& event) {
  finish_entry(session, streams::EntryNumber(event.tag.value()));
  if (session.has_more()) session.peer->flush();
}

// What waits.

bool Broker::resume(Session& session) {
  if (!session.is_connected()) return false;
  if (session.waiting != nullptr && !session.waiting->empty()) return send_waiting(session);
  if (session.is_behind) {
    if (!session.is_reading && session.peer->link().room() > 0) {
      session.is_reading = true;
      reads_.spawn(&Broker::read_entries, this, session.id, session.attachment);
    }
    return false;
  }
  return send_retained(session);
}

// True: all of it was sent, and there may be more elsewhere.
bool Broker::send_waiting(Session& session) {
  const Timestamp now = wall();
  Bytes space;
  std::deque<Waiting>& waiting = *session.waiting;
  while (!waiting.empty()) {
    const Waiting& first = waiting.front();
    if (!has_output_room(session, first.message->bytes())) return false;
    const auto message = first.message->at(now, space);
    if (message) {
      mqtt::FanOut fan_out(*message);
      if (send(session, fan_out, first) == Sent::window_full) return false;
    } else {
      ++stats_.dropped_expired;
      finish_entry(session, first.entry);
    }
    session.waiting_bytes -= first.message->bytes();
    waiting.pop_front();
  }
  session.waiting.reset();
  return session.has_more();
}

bool Broker::send_retained(Session& session) {
  Room room = Room::some;
  while (!session.scans.empty()) {
    RetainedScan& scan = session.scans.front();
    const auto visitor = [&](const SharedMessage& stored) {
      room = send_one_retained(session, scan, stored);
      return room == Room::some;
    };
    if (!retained_.visit(scan.filter, scan.after, kScanStep, visitor)) return room != Room::none;
    session.scans.erase(session.scans.begin());
  }
  return false;
}

Broker::Room Broker::send_one_retained(Session& session, const RetainedScan& scan,
                                       const SharedMessage& stored) {
  if (!has_output_room(session, stored->bytes())) return Room::none;
  const Timestamp now = wall();
  Bytes space;
  const auto message = stored->at(now, space);
  if (!message) return Room::some;
  const Qos qos = std::min(static_cast<Qos>(scan.terms.qos), stored->qos());
  const std::span<const std::uint32_t> identifiers = identifiers_of(scan.terms);
  if (session.has_queue && qos != Qos::at_most_once) {
    if (queue_.is_crowded()) return Room::later;
    // The module counts an entry's expiry from now: it gets what is left of it.
    SharedMessage left = stored;
    if (!stored->expires_at().is_never()) {
      left = StoredMessage::of(
          {.qos = stored->qos(), .topic = stored->topic(), .payload = stored->payload()},
          message->properties.bytes(), now);
    }
    auto routed = std::make_unique<Routed>(Routed{.message = std::move(left)});
    routed->receivers.push_back({.session = session.id,
                                 .serial = session.serial,
                                 .qos = qos,
                                 .retain = true,
                                 .target = 0,
                                 .identifiers = {identifiers.begin(), identifiers.end()}});
    publish_durably(std::move(routed), {}, {.what = Receipt::What::publish});
    return Room::some;
  }
  mqtt::FanOut fan_out(*message);
  const Sent sent = send(session, fan_out,
                         mqtt::Outgoing{.qos = qos, .retain = true, .identifiers = identifiers});
  return sent == Sent::window_full ? Room::none : Room::some;
}

// Reads a page of the session's queue and gives it to the client.
Task<> Broker::read_entries(Broker* broker, mqtt::SubscriberId id, std::uint64_t attachment) {
  Session* session = broker->find(id, attachment);
  if (session == nullptr) co_return;
  const streams::EntryNumber known = session->newest;
  const streams::ListEntries wanted{.session = session->number,
                                    .after = session->taken,
                                    .limit = kPageRows,
                                    .budget_bytes = kPageBytes,
                                    .content = streams::EntryContent::messages};
  const Result<Bytes> reply = co_await broker->ask(streams::kListEntries, object_bytes(wanted));
  session = broker->find(id, attachment);
  if (session == nullptr) co_return;
  if (reply.ok()) {
    const Result<streams::EntryPage> page = streams::EntryPage::read(*reply);
    KEEL_ASSERT(page.ok());
    broker->take_page(*session, *page, known);
  }
  session->is_reading = false;
  if (session->peer != nullptr) session->peer->flush();
}

// `known` were in the queue when the page was asked for.
void Broker::take_page(Session& session, streams::EntryPage page, streams::EntryNumber known) {
  if (session.waiting == nullptr) session.waiting = std::make_unique<std::deque<Waiting>>();
  while (page.has_row()) {
    const Result<streams::EntryRow> read = page.next();
    KEEL_ASSERT(read.ok());
    const streams::EntryRowHead& row = read->head;
    session.taken = row.number;
    if (row.stage == streams::EntryStage::released) continue;
    if (session.unsure > 0 && row.number < session.unsure_before) {
      --session.unsure;
      session.sent_before = std::max(session.sent_before, row.number);
    }
    // It may have waited since a time of other rules.
    if (session.peer != nullptr && !session.peer->may_receive(read->message.topic)) {
      ++stats_.dropped_not_allowed;
      finish_entry(session, row.number);
      continue;
    }
    Waiting waiting{.qos = static_cast<Qos>(row.qos),
                    .retain = row.flags.has(streams::TargetFlag::retain),
                    .duplicate = row.number <= session.sent_before,
                    .entry = row.number};
    ByteReader identifiers(read->identifiers);
    while (!identifiers.empty())
      waiting.identifiers.push_back(identifiers.read<std::uint32_t>().value());
    waiting.message = StoredMessage::of(
        {.qos = waiting.qos, .topic = read->message.topic, .payload = read->message.payload},
        read->message.properties, row.published);
    session.waiting_bytes += waiting.message->bytes();
    session.waiting->push_back(std::move(waiting));
  }
  if (!page.more() && session.newest == known) session.is_behind = false;
}

}  // namespace keel::broker
