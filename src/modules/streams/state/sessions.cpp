// What the coming, going and ending of clients does to the tables.
#include <algorithm>

#include "modules/streams/state/state.hpp"

namespace keel::streams {
namespace {

InlineText inline_text(std::string_view text) {
  InlineText bytes{};
  std::ranges::copy(as_bytes(text.substr(0, bytes.size())), bytes.begin());
  return bytes;
}

}  // namespace

void State::apply_opened(const kernel::Event& event) {
  ByteReader reader(event.payload);
  const auto opened = reader.read_object<SessionOpened>().value();
  const OpView op{.kind = OpKind::open, .body = reader.take(reader.remaining()).value()};
  const OpenView open = read_open(op).value();
  if (opened.present != 0) {
    open_again(event.tenant, opened.session, open);
  } else {
    add_session(event, opened.session, open);
  }
  if (open.head.flags.has(OpenFlag::will)) set_will(event.tenant, opened.session, open);
}

void State::add_session(const kernel::Event& event, SessionNumber number, const OpenView& open) {
  KEEL_ASSERT(number == totals().next_session);
  change_totals([&](Totals& totals) {
    totals.next_session = SessionNumber(number.value() + 1);
    ++totals.connected;
  });
  SessionRecord session{.epoch = 1,
                        .expiry_s = open.head.expiry_s,
                        .client_bytes = open.head.client_bytes,
                        .state = SessionState::connected,
                        .client_id = inline_text(open.client_id)};
  if (open.client_id.size() > kInlineText) {
    session.client_content = add_content(event.tenant, std::array{as_bytes(open.client_id)});
  }
  const SessionKey key = session_key(event.tenant, number);
  sessions.insert(key, session);
  queues.insert(key, {});
  clients.insert({.tenant = event.tenant, .reserved = {}, .client_id = digest_of(open.client_id)},
                 {.session = number});
}

void State::open_again(TenantId tenant, SessionNumber number, const OpenView& open) {
  const SessionKey key = session_key(tenant, number);
  const SessionRecord before = *sessions.find(key);
  if (!before.expires_at.is_never()) {
    due.erase({.at = before.expires_at,
               .kind = DueKind::session,
               .tenant = tenant,
               .session = number,
               .entry = {}});
  }
  if (before.has_will != 0) take_will(tenant, number);
  if (before.state == SessionState::closed) {
    change_totals([](Totals& totals) { ++totals.connected; });
  }
  sessions.modify(key, [&](SessionRecord& session) {
    ++session.epoch;
    session.state = SessionState::connected;
    session.expires_at = Timestamp::never();
    session.expiry_s = open.head.expiry_s;
  });
}

void State::set_will(TenantId tenant, SessionNumber session, const OpenView& open) {
  const SessionKey key = session_key(tenant, session);
  const ContentNumber content = add_content(
      tenant, std::array{as_bytes(open.will_topic), open.will_properties, open.will_payload});
  wills.insert(key, {.content = content,
                     .due_at = Timestamp::never(),
                     .delay_s = open.head.will_delay_s,
                     .payload_bytes = open.head.will_payload_bytes,
                     .property_bytes = open.head.will_property_bytes,
                     .topic_bytes = open.head.will_topic_bytes,
                     .qos = open.head.will_qos,
                     .retain = open.head.flags.has(OpenFlag::will_retain) ? std::uint8_t{1}
                                                                          : std::uint8_t{0}});
  sessions.modify(key, [](SessionRecord& row) { row.has_will = 1; });
}

void State::take_will(TenantId tenant, SessionNumber session) {
  const SessionKey key = session_key(tenant, session);
  const WillRecord* found = wills.find(key);
  KEEL_ASSERT(found != nullptr);
  const WillRecord will = *found;
  contents.erase(tenant, will.content,
                 std::size_t{will.topic_bytes} + will.property_bytes + will.payload_bytes);
  wills.erase(key);
  sessions.modify(key, [](SessionRecord& row) { row.has_will = 0; });
  remove_if_empty(tenant, session);
}

void State::apply(const kernel::Event& event, const WillDropped& dropped) {
  take_will(event.tenant, dropped.session);
}

void State::apply(const kernel::Event& event, const SessionClosed& closed) {
  const SessionKey key = session_key(event.tenant, closed.session);
  const SessionRecord before = *sessions.find(key);
  const auto due_key = [&](Timestamp at) {
    return DueKey{.at = at,
                  .kind = DueKind::session,
                  .tenant = event.tenant,
                  .session = closed.session,
                  .entry = {}};
  };
  if (!before.expires_at.is_never()) due.erase(due_key(before.expires_at));
  if (!closed.expires_at.is_never()) due.insert(due_key(closed.expires_at));
  if (before.state == SessionState::connected) {
    change_totals([](Totals& totals) { --totals.connected; });
  }
  sessions.modify(key, [&](SessionRecord& session) {
    session.state = SessionState::closed;
    session.expires_at = closed.expires_at;
    session.expiry_s = closed.expiry_s;
  });
  if (before.has_will == 0) return;
  if (closed.drops_will != 0) {
    take_will(event.tenant, closed.session);
  } else {
    wills.modify(key, [&](WillRecord& will) { will.due_at = closed.will_due_at; });
  }
}

void State::apply(const kernel::Event& event, const SessionEnded& ended) {
  const TenantId tenant = event.tenant;
  const SessionKey key = session_key(tenant, ended.session);
  const SessionRecord before = *sessions.find(key);
  Bytes client_id;
  if (before.client_content.is_zero()) {
    append(client_id, ByteView(before.client_id).first(before.client_bytes));
  } else {
    contents.read(tenant, before.client_content, before.client_bytes, client_id);
    contents.erase(tenant, before.client_content, before.client_bytes);
  }
  clients.erase({.tenant = tenant, .reserved = {}, .client_id = digest_of(as_text(client_id))});
  if (!before.expires_at.is_never()) {
    due.erase({.at = before.expires_at,
               .kind = DueKind::session,
               .tenant = tenant,
               .session = ended.session,
               .entry = {}});
  }
  if (before.state == SessionState::connected) {
    change_totals([](Totals& totals) { --totals.connected; });
  }
  // It is purged from now on; of its name only the beginning is kept.
  due.insert({.at = event.time,
              .kind = DueKind::purge,
              .tenant = tenant,
              .session = ended.session,
              .entry = {}});
  sessions.modify(key, [&](SessionRecord& session) {
    session.state = SessionState::ended;
    session.expires_at = event.time;
    session.client_content = ContentNumber(0);
    session.client_bytes = std::min<std::uint16_t>(session.client_bytes, kInlineText);
  });
  queues.modify(key, [](QueueRecord& queue) { queue.ended = 1; });
  if (before.has_will != 0) {
    wills.modify(key, [&](WillRecord& will) { will.due_at = std::min(will.due_at, event.time); });
  }
  remove_if_empty(tenant, ended.session);
}

void State::apply(const kernel::Event& event, const SessionPurged& purged) {
  const TenantId tenant = event.tenant;
  for (std::uint32_t i = 0; i < purged.entries; ++i) {
    const auto first = entries.lower_bound(entry_key(tenant, purged.session, {}));
    finish_entry(tenant, {.session = purged.session, .entry = first.key().number});
  }
  for (std::uint32_t i = 0; i < purged.subscriptions; ++i) {
    const auto first = subscriptions.lower_bound(
        subscription_key(tenant, {.session = purged.session, .filter_digest = {}}));
    erase_subscription(first.key());
  }
  for (std::uint32_t i = 0; i < purged.inbound; ++i) {
    const auto first = inbound.lower_bound(inbound_key(tenant, purged.session, 0));
    forget_packet(tenant, {.session = purged.session,
                           .packet_id = static_cast<std::uint16_t>(first.key().packet_id)});
  }
  let_messages_go();
  remove_if_empty(tenant, purged.session);
}

void State::remove_if_empty(TenantId tenant, SessionNumber session) {
  const SessionKey key = session_key(tenant, session);
  const SessionRecord row = *sessions.find(key);
  const QueueRecord* queue = queues.find(key);
  if (row.state != SessionState::ended || row.subscriptions != 0 || queue->entries != 0 ||
      queue->inbound != 0) {
    return;
  }
  const DueKey purge{.at = row.expires_at,
                     .kind = DueKind::purge,
                     .tenant = tenant,
                     .session = session,
                     .entry = {}};
  if (due.contains(purge)) due.erase(purge);
  if (row.has_will != 0) return;
  sessions.erase(key);
  queues.erase(key);
}

// --- subscriptions ---

void State::apply_subscribed(const kernel::Event& event) {
  const SubscribeView subscribe =
      read_subscribe({.kind = OpKind::subscribe, .body = event.payload}).value();
  const SubscriptionKey key = subscription_key(
      event.tenant,
      {.session = subscribe.head.session, .filter_digest = digest_of(subscribe.filter)});
  if (subscriptions.contains(key)) {
    subscriptions.modify(key, [&](SubscriptionRecord& row) {
      row.identifier = subscribe.head.identifier;
      row.options = subscribe.head.options;
    });
    return;
  }
  SubscriptionRecord row{.identifier = subscribe.head.identifier,
                         .filter_bytes = subscribe.head.filter_bytes,
                         .options = subscribe.head.options,
                         .filter = inline_text(subscribe.filter)};
  if (subscribe.filter.size() > kInlineText) {
    row.content = add_content(event.tenant, std::array{as_bytes(subscribe.filter)});
  }
  subscriptions.insert(key, row);
  sessions.modify(session_key(event.tenant, subscribe.head.session),
                  [](SessionRecord& session) { ++session.subscriptions; });
}

void State::erase_subscription(const SubscriptionKey& key) {
  const SubscriptionKey copy = key;  // of a row that is about to go
  const SubscriptionRecord row = *subscriptions.find(copy);
  if (!row.content.is_zero()) contents.erase(copy.tenant, row.content, row.filter_bytes);
  subscriptions.erase(copy);
  sessions.modify(session_key(copy.tenant, copy.place.session),
                  [](SessionRecord& session) { --session.subscriptions; });
}

void State::apply(const kernel::Event& event, const Unsubscribed& gone) {
  erase_subscription(subscription_key(event.tenant, gone.subscription));
}

}  // namespace keel::streams
