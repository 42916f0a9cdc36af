// What happens by time: sessions and messages expire, and what has ended is removed piece by piece.
#include "modules/streams/decide/decision.hpp"
#include "modules/streams/decide/log_commands.hpp"

namespace keel::streams {
namespace {

// Of an ended session, in one event.
constexpr std::uint32_t kPurgedAtOnce = 64;

// The next of an ended session to go: entries, then subscriptions, then packet ids.
SessionPurged next_piece(const State& state, TenantId tenant, SessionNumber session) {
  SessionPurged piece{.session = session};
  std::uint32_t left = kPurgedAtOnce;
  const auto count = [&](auto at, const auto& is_its) {
    std::uint32_t found = 0;
    for (; left > 0 && at && is_its(at.key()); at.next(), --left) ++found;
    return found;
  };
  const auto is_its = [&](const auto& key) {
    return key.tenant == tenant && key.session == session;
  };
  piece.entries = count(state.entries.lower_bound(entry_key(tenant, session, {})), is_its);
  piece.subscriptions = count(state.subscriptions.lower_bound(subscription_key(
                                  tenant, {.session = session, .filter_digest = {}})),
                              [&](const SubscriptionKey& key) {
                                return key.tenant == tenant && key.place.session == session;
                              });
  piece.inbound = count(state.inbound.lower_bound(inbound_key(tenant, session, 0)), is_its);
  return piece;
}

}  // namespace

std::size_t expire(const State& state, kernel::Transaction& tx, const kernel::Context& context,
                   std::size_t limit) {
  std::size_t emitted = 0;
  for (; emitted < limit && !tx.overflowed() && pass_stream_time(state, tx, context); ++emitted) {
  }
  for (; emitted < limit && !tx.overflowed(); ++emitted) {
    const auto first = state.due.first();
    const auto retained = state.retained_due.first();
    const Timestamp at = first ? first.key().at : Timestamp::never();
    if (retained && retained.key().at < at) {
      if (retained.key().at > context.now) break;
      tx.act_for(retained.row().tenant);
      tx.emit(RetainedExpired{.topic = retained.row().topic});
      continue;
    }
    if (!first || at > context.now) break;
    const DueKey due = first.key();
    tx.act_for(due.tenant);
    if (due.kind == DueKind::session) {
      tx.emit(SessionEnded{.session = due.session});
    } else if (due.kind == DueKind::purge) {
      tx.emit(next_piece(state, due.tenant, due.session));
    } else {
      tx.emit(EntryExpired{.entry = {.session = due.session, .entry = due.entry}});
    }
  }
  return emitted;
}

}  // namespace keel::streams
