// Deciding about consumers: where they begin, what they get, and what became of it.
#include <algorithm>

#include "base/topic/topic_filter.hpp"
#include "modules/streams/decide/log_commands.hpp"
#include "modules/streams/errors.hpp"
#include "modules/streams/state/lane_walk.hpp"

namespace keel::streams {

using kernel::Outcome;

namespace {

// What one Fetch looks at: messages that its filter may pass over, whose topics may be on disk; and
// deliveries that are due again.
constexpr std::uint32_t kMostLookedAt = 512;
constexpr std::uint32_t kMostDueLookedAt = 4'096;

struct Found {
  StreamNumber stream{};
  ConsumerNumber consumer{};
  LogCode code = LogCode::done;
};
Found find(const LogDecision& d, std::string_view stream, std::string_view consumer) {
  const Logs& logs = d.state.logs;
  Found found{.stream = logs.find_stream(d.tenant(), stream)};
  if (found.stream.is_zero()) {
    found.code = LogCode::stream_unknown;
    return found;
  }
  found.consumer = logs.find_consumer(d.tenant(), found.stream, consumer);
  if (found.consumer.is_zero()) found.code = LogCode::consumer_unknown;
  return found;
}

Result<> check_terms(const ConsumerTerms& terms) {
  KEEL_TRY(check_bound("filter: bytes", terms.filter.size(), kMaxFilterBytes));
  KEEL_TRY(check_bound("ack_wait_ms", terms.ack_wait_ms, kMaxAckWaitMs));
  KEEL_TRY(check_bound("max_ack_pending", terms.max_ack_pending, kMaxAckPending));
  if (terms.start == StartAt::sequence && terms.start_sequence == 0) {
    return Error(kBadRequest, "start_sequence: expected 1 or more");
  }
  if (terms.start == StartAt::time && terms.start_time.ns <= 0) {
    return Error(kBadRequest, "start_time: expected a time");
  }
  return success();
}

// Bounds that are not given are the usual ones.
ConsumerTerms with_bounds(ConsumerTerms terms) {
  if (terms.ack_wait_ms == 0) terms.ack_wait_ms = kUsualAckWaitMs;
  if (terms.max_ack_pending == 0) terms.max_ack_pending = kUsualAckPending;
  return terms;
}

Sequence start_of(const LogDecision& d, StreamNumber number, const ConsumerTerms& terms) {
  const StreamRecord& stream = *d.state.logs.stream(d.tenant(), number);
  switch (terms.start) {
    case StartAt::first:
      return stream.first;
    case StartAt::end:
      return stream.last + 1;
    case StartAt::sequence:
      return std::max(stream.first, terms.start_sequence);
    case StartAt::time:
      return d.state.logs.first_since(d.tenant(), number, terms.start_time);
  }
}

bool same_but_bounds(ConsumerTerms a, const ConsumerTerms& b) {
  a.ack_wait_ms = b.ack_wait_ms;
  a.max_deliveries = b.max_deliveries;
  a.max_ack_pending = b.max_ack_pending;
  return a == b;
}

// One Fetch under way.
class Fetching {
 public:
  Fetching(const LogDecision& d, const Found& found, const Fetch& asked)
      : d_(d),
        logs_(d.state.logs),
        stream_(*logs_.stream(d.tenant(), found.stream)),
        consumer_(*logs_.consumer(d.tenant(), found.stream, found.consumer)),
        most_(asked.max_messages == 0 ? kMaxFetch : std::min(asked.max_messages, kMaxFetch)),
        budget_(asked.max_bytes == 0 ? kMaxReplyBytes
                                     : std::min<std::uint64_t>(asked.max_bytes, kMaxReplyBytes)),
        event_{.stream = found.stream,
               .consumer = found.consumer,
               .next = std::max(consumer_.next, stream_.first),
               .due = d.now() + Duration{consumer_.ack_wait_ns}} {}

  LogCode run() {
    take_due();
    const bool is_bounded = take_new();
    const bool changes = !event_.repeated.empty() || !event_.fresh.empty() ||
                         !event_.given_up.empty() || event_.next != consumer_.next;
    if (changes) d_.emit(event_);
    answer_.more = more_;
    d_.answer(answer_);
    return is_bounded && !changes ? LogCode::pending_full : LogCode::done;
  }

 private:
  bool is_enough() const { return answer_.messages.size() >= most_; }

  // False: it does not fit any more.
  bool fits(std::uint32_t rows) {
    const std::uint64_t bytes = std::uint64_t{rows} * kMessageRowBytes;
    if (!answer_.messages.empty() && bytes > budget_) return false;
    budget_ -= std::min(budget_, bytes);
    return true;
  }
  void deliver(Sequence sequence, std::uint64_t deliveries) {
    answer_.messages.push_back(
        {.sequence = sequence,
         .consumer_sequence = consumer_.delivered + answer_.messages.size() + 1,
         .deliveries = static_cast<std::uint32_t>(deliveries)});
  }

  // What is pending and overdue.
  void take_due() {
    const ConsumerNumber consumer = event_.consumer;
    std::uint32_t looked_at = 0;
    for (auto at = logs_.redeliveries.lower_bound(redelivery_key(d_.tenant(), consumer, {}, 0));
         at && at.key().tenant == d_.tenant() && at.key().consumer == consumer &&
         at.key().due <= d_.now();
         at.next()) {
      if (is_enough() || ++looked_at > kMostDueLookedAt) {
        more_ = true;
        return;
      }
      const Sequence sequence = at.key().sequence;
      const std::uint64_t before =
          logs_.pending.find(pending_key(d_.tenant(), consumer, sequence))->deliveries;
      const bool is_over = consumer_.max_deliveries != 0 && before >= consumer_.max_deliveries;
      if (sequence < stream_.first || is_over) {
        event_.given_up.push_back(sequence);
        continue;
      }
      if (!fits(logs_.locate(d_.tenant(), event_.stream, sequence).rows)) {
        more_ = true;
        return;
      }
      event_.repeated.push_back(sequence);
      deliver(sequence, before + 1);
    }
  }

  // True: the bound on all that is pending ended it.
  bool take_new() {
    const std::string filter = logs_.filter_of(d_.tenant(), consumer_);
    const bool is_kept = consumer_.ack != AckPolicy::none;
    std::uint64_t mine = consumer_.max_pending - std::min(consumer_.max_pending, still_pending());
    const std::uint64_t all =
        logs_.pending.max_rows() - std::min(logs_.pending.max_rows(), logs_.pending.rows());
    std::uint64_t room = is_kept ? std::min(mine, all) : UINT64_MAX;
    for (std::uint32_t looked_at = 0; event_.next <= stream_.last; ++event_.next) {
      if (is_enough() || looked_at++ == kMostLookedAt + most_) {
        more_ = true;
        return false;
      }
      if (room == 0) return all < mine;
      const Logs::Found found = logs_.locate(d_.tenant(), event_.stream, event_.next);
      if (!filter.empty()) {
        if (!walk_.goes_to(found.place, found.rows)) {
          more_ = true;
          return false;
        }
        if (!matches(filter, found)) continue;
      }
      if (!fits(found.rows)) {
        more_ = true;
        return false;
      }
      event_.fresh.push_back(event_.next);
      deliver(event_.next, 1);
      --room;
    }
    return false;
  }
  std::uint32_t still_pending() const {
    return consumer_.pending - static_cast<std::uint32_t>(event_.given_up.size());
  }

  // A topic that is not at hand does not: all that are lacking are asked for together, and this is
  // decided again.
  bool matches(std::string_view filter, const Logs::Found& found) {
    topic_.clear();
    return d_.state.messages.topic(found.place, found.rows, topic_) &&
           topic::matches(filter, as_text(topic_));
  }

  const LogDecision& d_;
  const Logs& logs_;
  const StreamRecord stream_;
  const ConsumerRecord consumer_;
  std::size_t most_;
  std::uint64_t budget_;
  Fetched event_;
  Fetch::Answer answer_;
  bool more_ = false;
  LaneWalk walk_;
  Bytes topic_;
};

}  // namespace

Result<Outcome> decide(const LogDecision& d, const PutConsumer& asked) {
  KEEL_TRY(check_stream_name("name", asked.name));
  KEEL_TRY(check_terms(asked.terms));
  const Logs& logs = d.state.logs;
  const Found found = find(d, asked.stream, asked.name);
  if (found.code == LogCode::stream_unknown) return outcome(found.code);
  const bool is_new = found.code == LogCode::consumer_unknown;
  ConsumerPut put{.stream = found.stream,
                  .consumer = found.consumer,
                  .name = asked.name,
                  .terms = with_bounds(asked.terms)};
  if (is_new) {
    if (logs.consumers.full()) return outcome(LogCode::consumers_full);
    put.consumer = logs.totals().next_consumer;
    put.next = start_of(d, found.stream, asked.terms);
  } else {
    const ConsumerRecord& consumer = *logs.consumer(d.tenant(), found.stream, found.consumer);
    if (!same_but_bounds(logs.put_of(d.tenant(), consumer).terms, put.terms)) {
      return outcome(LogCode::consumer_differs);
    }
    put.next = consumer.next;
  }
  Bytes content;
  encode(put, content);
  if (d.state.contents.rows() + Contents::rows_of(content.size()) > d.state.contents.max_rows()) {
    return outcome(LogCode::contents_full);
  }
  d.emit(put);
  d.answer(PutConsumer::Answer{.consumer = put.consumer, .created = is_new});
  return outcome(LogCode::done);
}

Result<Outcome> decide(const LogDecision& d, const DeleteConsumer& asked) {
  const Found found = find(d, asked.stream, asked.name);
  if (found.code != LogCode::done) return outcome(found.code);
  d.emit(ConsumerDeleted{.stream = found.stream, .consumer = found.consumer});
  return outcome(LogCode::done);
}

Result<Outcome> decide(const LogDecision& d, const Fetch& asked) {
  const Found found = find(d, asked.stream, asked.consumer);
  if (found.code != LogCode::done) return outcome(found.code);
  return outcome(Fetching(d, found, asked).run());
}

Result<Outcome> decide(const LogDecision& d, const Acknowledge& asked) {
  if (asked.acks.empty()) return Error(kBadRequest, "acks: expected 1 or more");
  KEEL_TRY(check_bound("acks", asked.acks.size(), kMaxAcks));
  for (const Ack& ack : asked.acks) KEEL_TRY(check_bound("delay_ms", ack.delay_ms, kMaxAckWaitMs));
  const Found found = find(d, asked.stream, asked.consumer);
  if (found.code != LogCode::done) return outcome(found.code);
  const Logs& logs = d.state.logs;
  const ConsumerRecord consumer = *logs.consumer(d.tenant(), found.stream, found.consumer);
  if (consumer.ack == AckPolicy::none) return outcome(LogCode::not_acknowledged);

  // The last word about a message counts; of `up_to` the highest acknowledgement.
  std::vector<std::pair<Sequence, std::size_t>> order;
  order.reserve(asked.acks.size());
  for (const Ack& ack : asked.acks) order.emplace_back(ack.sequence, order.size());
  std::ranges::sort(order);
  Acknowledged event{.stream = found.stream, .consumer = found.consumer};
  Acknowledge::Answer answer;
  Sequence up_to = 0;
  for (const Ack& ack : asked.acks) {
    if (consumer.ack == AckPolicy::up_to && ack.kind == AckKind::done) {
      up_to = std::max(up_to, ack.sequence);
    }
  }
  for (auto at = logs.pending.lower_bound(pending_key(d.tenant(), found.consumer, 0));
       up_to != 0 && at && at.key().tenant == d.tenant() && at.key().consumer == found.consumer &&
       at.key().sequence <= up_to;
       at.next()) {
    event.done.push_back(at.key().sequence);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Ack& ack = asked.acks[order[i].second];
    const bool is_pending =
        logs.pending.contains(pending_key(d.tenant(), found.consumer, ack.sequence));
    ++(is_pending ? answer.taken : answer.not_pending);
    const bool is_last_word = i + 1 == order.size() || order[i + 1].first != ack.sequence;
    if (!is_pending || !is_last_word || ack.sequence <= up_to) continue;
    if (ack.kind == AckKind::done) {
      event.done.push_back(ack.sequence);
    } else if (ack.kind == AckKind::give_up) {
      event.given_up.push_back(ack.sequence);
    } else {
      const Duration later = ack.kind == AckKind::progress
                                 ? Duration{consumer.ack_wait_ns}
                                 : Duration::milliseconds(static_cast<std::int64_t>(ack.delay_ms));
      event.postponed.push_back({.sequence = ack.sequence, .until = d.now() + later});
    }
  }
  if (!event.done.empty() || !event.given_up.empty() || !event.postponed.empty()) d.emit(event);
  d.answer(answer);
  return outcome(LogCode::done);
}

}  // namespace keel::streams
