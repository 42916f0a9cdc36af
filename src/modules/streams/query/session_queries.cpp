// Sessions, subscriptions and wills, in pages.
#include "modules/streams/query/page.hpp"
#include "modules/streams/query/queries.hpp"

namespace keel::streams {
namespace {

// Text of which the beginning stands in its row, and the whole in a content when it is longer.
void append_text(const State& state, TenantId tenant, const InlineText& beginning,
                 ContentNumber content, std::size_t bytes, Bytes& to) {
  if (content.is_zero()) {
    append(to, ByteView(beginning).first(bytes));
  } else {
    state.contents.read(tenant, content, bytes, to);
  }
}

SessionRowHead head_of(const State& state, const SessionKey& key, const SessionRecord& session) {
  const QueueRecord& queue = *state.queues.find(key);
  return {.number = key.number,
          .epoch = session.epoch,
          .expires_at = session.expires_at,
          .next_entry = queue.next_entry,
          .queue_bytes = queue.bytes,
          .dropped = queue.dropped,
          .refused = queue.refused,
          .entries = queue.entries,
          .subscriptions = session.subscriptions,
          .inbound = queue.inbound,
          .expiry_s = session.expiry_s,
          .client_bytes = session.client_bytes,
          .state = session.state,
          .has_will = session.has_will,
          .reserved = 0};
}

}  // namespace

void list_sessions(const State& state, TenantId tenant, const ListSessions& query, Bytes& reply) {
  PageWriter page(reply, query.budget_bytes);
  for (auto at = state.sessions.upper_bound(session_key(tenant, query.after));
       at && at.key().tenant == tenant; at.next()) {
    const SessionRecord& session = at.row();
    if (!page.takes(sizeof(SessionRowHead) + session.client_bytes)) break;
    append(page.row(), object_bytes(head_of(state, at.key(), session)));
    append_text(state, tenant, session.client_id, session.client_content, session.client_bytes,
                reply);
  }
  page.finish();
}

void list_subscriptions(const State& state, TenantId tenant, const ListSubscriptions& query,
                        Bytes& reply) {
  SubscriptionCursor after = query.after;
  if (after.session < query.session) after = {.session = query.session, .filter_digest = {}};
  PageWriter page(reply, query.budget_bytes);
  for (auto at = state.subscriptions.upper_bound(subscription_key(tenant, after));
       at && at.key().tenant == tenant; at.next()) {
    const SubscriptionCursor& place = at.key().place;
    if (!query.session.is_zero() && place.session != query.session) break;
    const SubscriptionRecord& row = at.row();
    if (!page.takes(sizeof(SubscriptionRowHead) + row.filter_bytes)) break;
    append(page.row(), object_bytes(SubscriptionRowHead{.cursor = place,
                                                        .identifier = row.identifier,
                                                        .filter_bytes = row.filter_bytes,
                                                        .options = row.options,
                                                        .reserved = 0}));
    append_text(state, tenant, row.filter, row.content, row.filter_bytes, reply);
  }
  page.finish();
}

void list_wills(const State& state, TenantId tenant, const ListWills& query, Bytes& reply) {
  PageWriter page(reply, query.budget_bytes);
  for (auto at = state.wills.upper_bound(session_key(tenant, query.after));
       at && at.key().tenant == tenant; at.next()) {
    const WillRecord& will = at.row();
    const std::size_t bytes =
        std::size_t{will.topic_bytes} + will.property_bytes + will.payload_bytes;
    if (!page.takes(sizeof(WillRowHead) + bytes)) break;
    append(page.row(), object_bytes(WillRowHead{.session = at.key().number,
                                                .due_at = will.due_at,
                                                .delay_s = will.delay_s,
                                                .payload_bytes = will.payload_bytes,
                                                .property_bytes = will.property_bytes,
                                                .topic_bytes = will.topic_bytes,
                                                .qos = will.qos,
                                                .retain = will.retain}));
    state.contents.read(tenant, will.content, bytes, reply);
  }
  page.finish();
}

}  // namespace keel::streams
