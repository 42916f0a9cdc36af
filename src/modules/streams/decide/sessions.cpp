// Deciding about the coming and going of clients, their subscriptions and wills.
#include <algorithm>

#include "modules/streams/decide/decision.hpp"

namespace keel::streams {
namespace {

// Never, when it is beyond what a timestamp can say.
Timestamp after(Timestamp now, std::uint32_t seconds) {
  const Duration by = Duration::seconds(seconds);
  return by.ns > Timestamp::never().ns - now.ns ? Timestamp::never() : now + by;
}

std::uint64_t content_rows_of(const OpenView& open) {
  const std::size_t will =
      open.will_topic.size() + open.will_properties.size() + open.will_payload.size();
  const std::size_t client = open.client_id.size() > kInlineText ? open.client_id.size() : 0;
  return Contents::rows_of(will) + Contents::rows_of(client);
}

}  // namespace

bool Decision::has_content_room(std::uint64_t rows) const {
  return state_.contents.rows() + rows <= state_.contents.max_rows();
}

Result<> Decision::open(const OpView& op) {
  const OpenView open = KEEL_TRY(read_open(op));
  settle();
  if (!has_content_room(content_rows_of(open))) {
    answer(OpCode::contents_full);
    return success();
  }
  const kernel::Transaction::Mark before = tx_.mark();
  SessionNumber will_of{};
  if (const auto present = state_.find_client(tenant(), open.client_id)) {
    const SessionRecord session = *state_.find_session(tenant(), *present);
    // What is overdue has ended, though time may not have come to it yet.
    const bool is_over =
        open.head.flags.has(OpenFlag::clean_start) || session.expires_at <= context_.now;
    if (!is_over) {
      emit_opened({.session = *present, .present = 1}, op);
      answer(OpCode::done, std::array<std::uint64_t, 4>{present->value(), session.epoch + 1, 1, 0});
      return success();
    }
    tx_.emit(SessionEnded{.session = *present});
    if (session.has_will != 0) will_of = *present;
  }
  if (state_.sessions.full()) {
    tx_.rollback_to(before);
    answer(OpCode::sessions_full);
    return success();
  }
  const SessionNumber number = state_.totals().next_session;
  emit_opened({.session = number, .present = 0}, op);
  answer(OpCode::done, std::array<std::uint64_t, 4>{number.value(), 1, 0, will_of.value()});
  return success();
}

void Decision::emit_opened(const SessionOpened& opened, const OpView& op) {
  Bytes event;
  append(event, object_bytes(opened));
  append(event, op.body);
  tx_.emit(kSessionOpened, kSchema, event);
}

Result<> Decision::close(const OpView& op) {
  const Close close = KEEL_TRY(read_close(op));
  settle();
  const SessionRecord* found = state_.find_session(tenant(), close.session);
  if (found == nullptr) {
    answer(OpCode::no_session);
    return success();
  }
  const SessionRecord session = *found;
  const bool is_other = close.epoch != 0 &&
                        (close.epoch != session.epoch || session.state != SessionState::connected);
  if (is_other) {
    answer(OpCode::stale);
    return success();
  }
  const std::uint32_t expiry_s =
      close.flags.has(CloseFlag::expiry) ? close.expiry_s : session.expiry_s;
  const Timestamp now = context_.now;
  const Timestamp expires_at =
      expiry_s == kNeverExpires ? Timestamp::never() : after(now, expiry_s);
  Timestamp will_due_at = Timestamp::never();
  if (session.has_will != 0) {
    const WillRecord* will = state_.wills.find(session_key(tenant(), close.session));
    will_due_at = std::min(after(now, will->delay_s), expires_at);
  }
  tx_.emit(SessionClosed{.session = close.session,
                         .expires_at = expires_at,
                         .will_due_at = will_due_at,
                         .expiry_s = expiry_s,
                         .drops_will = close.flags.has(CloseFlag::drop_will) ? 1U : 0U});
  if (expiry_s == 0) tx_.emit(SessionEnded{.session = close.session});
  answer(OpCode::done);
  return success();
}

Result<> Decision::subscribe(const OpView& op) {
  const SubscribeView subscribe = KEEL_TRY(read_subscribe(op));
  settle();
  const SessionNumber number = subscribe.head.session;
  const SessionRecord* session = state_.find_session(tenant(), number);
  if (session == nullptr) {
    answer(OpCode::no_session);
    return success();
  }
  const bool replaces = state_.subscriptions.contains(subscription_key(
      tenant(), {.session = number, .filter_digest = digest_of(subscribe.filter)}));
  if (!replaces &&
      (session->subscriptions >= options_.session_subscriptions || state_.subscriptions.full())) {
    answer(OpCode::subscriptions_full);
    return success();
  }
  const std::size_t content = subscribe.filter.size() > kInlineText ? subscribe.filter.size() : 0;
  if (!replaces && !has_content_room(Contents::rows_of(content))) {
    answer(OpCode::contents_full);
    return success();
  }
  tx_.emit(kSubscribed, kSchema, op.body);
  answer(replaces ? OpCode::replaced : OpCode::done);
  return success();
}

Result<> Decision::unsubscribe(const OpView& op) {
  const UnsubscribeView gone = KEEL_TRY(read_unsubscribe(op));
  settle();
  const SubscriptionCursor place{.session = gone.head.session,
                                 .filter_digest = digest_of(gone.filter)};
  if (state_.find_session(tenant(), gone.head.session) == nullptr) {
    answer(OpCode::no_session);
  } else if (!state_.subscriptions.contains(subscription_key(tenant(), place))) {
    answer(OpCode::no_subscription);
  } else {
    tx_.emit(Unsubscribed{.subscription = place});
    answer(OpCode::done);
  }
  return success();
}

// Of an ended session too.
Result<> Decision::drop_will(const OpView& op) {
  const DropWill drop = KEEL_TRY(read_drop_will(op));
  settle();
  if (!state_.wills.contains(session_key(tenant(), drop.session))) {
    answer(OpCode::no_will);
    return success();
  }
  tx_.emit(WillDropped{.session = drop.session});
  answer(OpCode::done);
  return success();
}

}  // namespace keel::streams
