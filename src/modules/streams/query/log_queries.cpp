// Named streams, their consumers, and their messages, of which older ones may have to be fetched.
#include <algorithm>

#include "base/topic/topic_filter.hpp"
#include "kernel/described/dispatch.hpp"
#include "modules/streams/errors.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/query/queries.hpp"
#include "modules/streams/state/lane_walk.hpp"

namespace keel::streams {
namespace {

// Messages that one reading passes over because its filter does not want them.
constexpr std::uint32_t kMostPassedOver = 4'096;

StreamView view_of(const State& state, const StreamKey& key, const StreamRecord& record) {
  StreamPut put = state.logs.put_of(key.tenant, record);
  return {.name = std::move(put.name),
          .number = key.number,
          .terms = std::move(put.terms),
          .created_at = record.created,
          .messages = record.messages(),
          .bytes = record.rows() * kMessageRowBytes,
          .first = record.first,
          .last = record.last,
          .last_at = record.last_time,
          .consumers = record.consumers};
}

ConsumerView view_of(const State& state, const ConsumerKey& key, const StreamRecord& stream,
                     std::string stream_name, const ConsumerRecord& record) {
  const TenantId tenant = key.tenant;
  ConsumerPut put = state.logs.put_of(tenant, record);
  const Sequence next = std::max(record.next, stream.first);
  ConsumerView view{.name = std::move(put.name),
                    .number = key.number,
                    .stream = std::move(stream_name),
                    .terms = std::move(put.terms),
                    .created_at = record.created,
                    .delivered = next - 1,
                    .delivered_consumer = record.delivered,
                    .ack_floor = next - 1,
                    .ack_floor_consumer = record.delivered,
                    .ack_pending = record.pending,
                    .waiting = stream.last + 1 - std::min(stream.last + 1, next),
                    .redelivered = record.redelivered,
                    .given_up = record.given_up,
                    .next_redelivery = Timestamp::never()};
  if (record.pending == 0) return view;
  const auto first = state.logs.pending.lower_bound(pending_key(tenant, key.number, 0));
  view.ack_floor = first.key().sequence - 1;
  view.ack_floor_consumer = first.row().consumer_sequence - 1;
  view.next_redelivery =
      state.logs.redeliveries.lower_bound(redelivery_key(tenant, key.number, {}, 0)).key().due;
  return view;
}

std::uint32_t page_of(std::uint32_t limit, std::uint32_t most) {
  return limit == 0 ? most : std::min(limit, most);
}

ListStreams::Answer look_up(const State& state, TenantId tenant, const ListStreams& asked) {
  ListStreams::Answer answer;
  const std::uint32_t limit = page_of(asked.limit, kMaxListed);
  for (auto at = state.logs.streams.upper_bound(stream_key(tenant, StreamNumber(asked.after)));
       at && at.key().tenant == tenant; at.next()) {
    if (at.row().deleted != 0) continue;
    if (answer.streams.size() == limit) {
      answer.next = answer.streams.back().number.value();
      break;
    }
    answer.streams.push_back(view_of(state, at.key(), at.row()));
  }
  return answer;
}

GetStream::Answer look_up(const State& state, TenantId tenant, const GetStream& asked) {
  const StreamNumber number = state.logs.find_stream(tenant, asked.name);
  if (number.is_zero()) return {};
  return {.found = true,
          .stream = view_of(state, stream_key(tenant, number), *state.logs.stream(tenant, number))};
}

ListConsumers::Answer look_up(const State& state, TenantId tenant, const ListConsumers& asked) {
  const StreamNumber number = state.logs.find_stream(tenant, asked.stream);
  if (number.is_zero()) return {};
  const StreamRecord& stream = *state.logs.stream(tenant, number);
  ListConsumers::Answer answer{.found = true};
  const std::uint32_t limit = page_of(asked.limit, kMaxListed);
  for (auto at = state.logs.consumers.upper_bound(
           consumer_key(tenant, number, ConsumerNumber(asked.after)));
       at && at.key().tenant == tenant && at.key().stream == number; at.next()) {
    if (answer.consumers.size() == limit) {
      answer.next = answer.consumers.back().number.value();
      break;
    }
    answer.consumers.push_back(view_of(state, at.key(), stream, asked.stream, at.row()));
  }
  return answer;
}

GetConsumer::Answer look_up(const State& state, TenantId tenant, const GetConsumer& asked) {
  const StreamNumber stream = state.logs.find_stream(tenant, asked.stream);
  if (stream.is_zero()) return {};
  const ConsumerNumber number = state.logs.find_consumer(tenant, stream, asked.name);
  if (number.is_zero()) return {};
  return {.found = true,
          .consumer = view_of(state, consumer_key(tenant, stream, number),
                              *state.logs.stream(tenant, stream), asked.stream,
                              *state.logs.consumer(tenant, stream, number))};
}

// One reading of messages; when something was not at hand it is made again.
class Reading {
 public:
  Reading(const State& state, TenantId tenant, StreamNumber number, const ReadMessages& asked)
      : state_(state),
        tenant_(tenant),
        number_(number),
        stream_(*state.logs.stream(tenant, number)),
        asked_(asked),
        limit_(page_of(asked.limit, kMaxReadMessages)),
        budget_(asked.budget_bytes == 0
                    ? kMaxReplyBytes
                    : std::min<std::uint64_t>(asked.budget_bytes, kMaxReplyBytes)) {}

  ReadMessages::Answer run() {
    answer_ = {.found = true, .first = stream_.first, .last = stream_.last, .stream = number_};
    if (!asked_.sequences.empty()) {
      read_these();
    } else {
      read_on();
    }
    return std::move(answer_);
  }

 private:
  enum class Taken : std::uint8_t { yes, passed_over, no_room };

  void read_these() {
    for (const Sequence sequence : asked_.sequences) {
      if (sequence < stream_.first || sequence > stream_.last) continue;
      const Taken taken = take(sequence);
      if (taken == Taken::no_room || answer_.messages.size() == kMaxReadMessages) {
        answer_.next = sequence;
        return;
      }
    }
    answer_.next = stream_.last + 1;
  }

  void read_on() {
    Sequence& next = answer_.next;
    next = std::max(asked_.from, stream_.first);
    if (asked_.from_time.ns > 0) {
      next = std::max(next, state_.logs.first_since(tenant_, number_, asked_.from_time));
    }
    std::uint32_t passed_over = 0;
    for (; next <= stream_.last && answer_.messages.size() < limit_; ++next) {
      const Taken taken = take(next);
      if (taken == Taken::no_room) return;
      if (taken == Taken::passed_over && ++passed_over == kMostPassedOver) {
        ++next;
        return;
      }
    }
  }

  // What is not at hand is asked for, and the walk goes on as if it were: all of it is fetched
  // together, and the reading is made again.
  Taken take(Sequence sequence) {
    const Logs::Found found = state_.logs.locate(tenant_, number_, sequence);
    if (!walk_.goes_to(found.place, found.rows)) return Taken::no_room;
    if (!asked_.filter.empty()) {
      topic_.clear();
      if (!state_.messages.topic(found.place, found.rows, topic_)) return Taken::passed_over;
      if (!topic::matches(asked_.filter, as_text(topic_))) return Taken::passed_over;
    }
    const std::uint64_t bytes = std::uint64_t{found.rows} * kMessageRowBytes;
    if (!answer_.messages.empty() && bytes > budget_) return Taken::no_room;
    budget_ -= std::min(budget_, bytes);
    StoredMessageView& view = answer_.messages.emplace_back();
    view.sequence = sequence;
    if (!read_contents(found.place, view)) state_.messages.want(found.place, found.rows);
    return Taken::yes;
  }

  bool read_contents(Place place, StoredMessageView& view) {
    const Messages& messages = state_.messages;
    const std::optional<MessageHead> head = messages.head(place);
    topic_.clear();
    if (!head.has_value() || !messages.read(place, 0, head->topic_bytes, topic_)) return false;
    view.published_at = head->published;
    view.topic = as_text(topic_);
    const std::size_t properties_at = head->topic_bytes;
    const std::size_t payload_at = properties_at + head->property_bytes;
    return messages.read(place, properties_at, head->property_bytes, view.properties) &&
           messages.read(place, payload_at, head->payload_bytes, view.payload);
  }

  const State& state_;
  TenantId tenant_;
  StreamNumber number_;
  const StreamRecord& stream_;
  const ReadMessages& asked_;
  std::uint32_t limit_;
  std::uint64_t budget_;
  ReadMessages::Answer answer_;
  LaneWalk walk_;
  Bytes topic_;
};

ReadMessages::Answer look_up(const State& state, TenantId tenant, const ReadMessages& asked) {
  const StreamNumber number = state.logs.find_stream(tenant, asked.stream);
  if (number.is_zero()) return {};
  return Reading(state, tenant, number, asked).run();
}

}  // namespace

Result<> answer_about_logs(const State& state, const kernel::Query& query, Bytes& reply) {
  using Queries = kernel::Types<ReadMessages, GetConsumer, GetStream, ListStreams, ListConsumers>;
  return kernel::dispatch(query, Queries{}, kUnknownType, [&](const auto& asked) -> Result<> {
    if constexpr (requires { asked.sequences; }) {
      if (asked.sequences.size() > kMaxReadMessages) {
        return Error(kBadQuery, "sequences: at most " + std::to_string(kMaxReadMessages));
      }
    }
    encode(look_up(state, query.tenant, asked), reply);
    return success();
  });
}

}  // namespace keel::streams
