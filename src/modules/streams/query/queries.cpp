#include "modules/streams/query/queries.hpp"

#include "modules/streams/errors.hpp"
#include "modules/streams/query/page.hpp"

namespace keel::streams {
namespace {

template <typename T>
Result<T> whole(ByteView payload) {
  if (payload.size() != sizeof(T)) {
    return Error(kBadQuery, "a query of " + std::to_string(payload.size()) + " bytes; it has " +
                                std::to_string(sizeof(T)));
  }
  return ByteReader(payload).read_object<T>();
}

Statistics statistics_of(const State& state) {
  const Totals totals = state.totals();
  return {.sessions = state.sessions.rows(),
          .connected = totals.connected,
          .subscriptions = state.subscriptions.rows(),
          .entries = state.entries.rows(),
          .inbound = state.inbound.rows(),
          .wills = state.wills.rows(),
          .retained = state.retained.rows(),
          .retained_bytes = totals.retained_bytes,
          .message_bytes = state.message_rows() * kMessageRowBytes,
          .content_bytes = state.contents.rows() * kContentPiece,
          .dropped = totals.dropped,
          .refused = totals.refused,
          .expired = totals.expired};
}

void list_inbound(const State& state, TenantId tenant, SessionNumber session, Bytes& reply) {
  for (auto at = state.inbound.lower_bound(inbound_key(tenant, session, 0));
       at && at.key().tenant == tenant && at.key().session == session; at.next()) {
    append(reply, object_bytes(static_cast<std::uint16_t>(at.key().packet_id)));
  }
}

Result<> answer_retained(const State& state, const kernel::Query& query, Bytes& reply) {
  ByteReader reader(query.payload);
  const auto head = reader.read_object<FindRetained>();
  if (!head.ok() || head->filter_bytes == 0 || head->filter_bytes > kMaxTopicBytes ||
      reader.remaining() != head->filter_bytes) {
    return Error(kBadQuery, "a filter of another length than the query says");
  }
  find_retained(state, query.tenant, *head, as_text(reader.take(head->filter_bytes).value()),
                reply);
  return success();
}

}  // namespace

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply) {
  const TenantId tenant = query.tenant;
  if (query.type == kListSessions) {
    list_sessions(state, tenant, KEEL_TRY(whole<ListSessions>(query.payload)), reply);
  } else if (query.type == kListSubscriptions) {
    list_subscriptions(state, tenant, KEEL_TRY(whole<ListSubscriptions>(query.payload)), reply);
  } else if (query.type == kListEntries) {
    list_entries(state, tenant, KEEL_TRY(whole<ListEntries>(query.payload)), reply);
  } else if (query.type == kListInbound) {
    const auto inbound = KEEL_TRY(whole<ListInbound>(query.payload));
    list_inbound(state, tenant, inbound.session, reply);
  } else if (query.type == kFindRetained) {
    return answer_retained(state, query, reply);
  } else if (query.type == kListWills) {
    list_wills(state, tenant, KEEL_TRY(whole<ListWills>(query.payload)), reply);
  } else if (query.type == kStatistics) {
    if (!query.payload.empty()) return Error(kBadQuery, "statistics are asked for with nothing");
    append(reply, object_bytes(statistics_of(state)));
  } else {
    return answer_about_logs(state, query, reply);
  }
  return success();
}

}  // namespace keel::streams
