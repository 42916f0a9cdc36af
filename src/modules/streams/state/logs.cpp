// Finding streams and consumers, and their coming and going.
#include "modules/streams/state/logs.hpp"

#include <algorithm>

#include "base/describe/wire.hpp"
#include "base/topic/overlap.hpp"
#include "base/topic/topic_filter.hpp"
#include "modules/streams/state/state.hpp"

namespace keel::streams {
namespace {

// Filters that begin with a wildcard.
constexpr std::uint64_t kAnyLevel = UINT64_MAX;
// Numbers of contents beside those of State.
constexpr std::uint64_t kOwnContents = std::uint64_t{1} << 63;

std::uint64_t first_level_of(std::string_view topic) {
  const std::string_view level = topic.substr(0, topic.find('/'));
  if (level == "+" || level == "#") return kAnyLevel;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    value = value << 8 | (i < level.size() ? static_cast<unsigned char>(level[i]) : 0U);
  }
  return value;
}

std::uint64_t limit(std::uint64_t value) {
  return value == 0 ? UINT64_MAX : value;
}

StreamNameKey name_key(TenantId tenant, StreamNumber stream, const TextDigest& name) {
  return {.tenant = tenant, .reserved = 0, .stream = stream, .name = name};
}

}  // namespace

Logs::Logs(kernel::UndoLog& undo, kernel::HashSeed seed, const StreamsOptions& options,
           Messages& messages, Contents& contents)
    : streams({kModule, 23}, "streams.streams", undo,
              {.max_rows = options.max_streams, .setting = "streams.max_streams"}),
      names({kModule, 24}, "streams.stream_names", undo, seed,
            {.max_rows = options.max_streams + options.max_consumers}),
      filters({kModule, 25}, "streams.stream_filters", undo,
              {.max_rows = options.max_streams * kMaxFilters}),
      blocks({kModule, 26}, "streams.blocks", undo,
             {.max_rows = options.max_blocks, .setting = "streams.max_blocks"}),
      consumers({kModule, 27}, "streams.consumers", undo,
                {.max_rows = options.max_consumers, .setting = "streams.max_consumers"}),
      pending({kModule, 28}, "streams.pending", undo,
              {.max_rows = options.max_pending, .setting = "streams.max_pending"}),
      redeliveries({kModule, 29}, "streams.redeliveries", undo, {.max_rows = options.max_pending}),
      // A sweep of what was pending outlives its consumer.
      due({kModule, 30}, "streams.stream_due", undo,
          {.max_rows = 2 * options.max_streams + options.max_consumers + options.max_pending}),
      messages_(messages),
      contents_(contents),
      lanes_({kModule, 31}, "streams.lanes", undo, seed, {.max_rows = Messages::kStreamLanes}),
      totals_({kModule, 32}, "streams.stream_totals", undo, seed, {.max_rows = 1}) {}

std::array<kernel::TableBase*, 10> Logs::tables() noexcept {
  return {&streams, &names,        &filters, &blocks, &consumers,
          &pending, &redeliveries, &due,     &lanes_, &totals_};
}

StreamNumber Logs::find_stream(TenantId tenant, const TextDigest& name) const {
  const StreamNameRecord* found = names.find(name_key(tenant, {}, name));
  return found == nullptr ? StreamNumber() : StreamNumber(found->number);
}
StreamNumber Logs::find_stream(TenantId tenant, std::string_view name) const {
  return find_stream(tenant, digest_of(name));
}
ConsumerNumber Logs::find_consumer(TenantId tenant, StreamNumber stream,
                                   std::string_view name) const {
  const StreamNameRecord* found = names.find(name_key(tenant, stream, digest_of(name)));
  return found == nullptr ? ConsumerNumber() : ConsumerNumber(found->number);
}

const StreamRecord* Logs::stream(TenantId tenant, StreamNumber number) const {
  const StreamRecord* found = streams.find(stream_key(tenant, number));
  return found == nullptr || found->deleted != 0 ? nullptr : found;
}
const ConsumerRecord* Logs::consumer(TenantId tenant, StreamNumber stream,
                                     ConsumerNumber number) const {
  return consumers.find(consumer_key(tenant, stream, number));
}

StreamPut Logs::put_of(TenantId tenant, const StreamRecord& record) const {
  Bytes bytes;
  contents_.read(tenant, record.content, record.content_bytes, bytes);
  return decode<StreamPut>(bytes).value();
}
ConsumerPut Logs::put_of(TenantId tenant, const ConsumerRecord& record) const {
  Bytes bytes;
  contents_.read(tenant, record.content, record.content_bytes, bytes);
  return decode<ConsumerPut>(bytes).value();
}
std::string Logs::filter_of(TenantId tenant, const ConsumerRecord& record) const {
  return record.filter_bytes == 0 ? std::string() : put_of(tenant, record).terms.filter;
}

// --- filters ---

std::string_view Logs::text_of(TenantId tenant, const FilterRecord& record, Bytes& space) const {
  if (record.content.is_zero()) return as_text(record.text).substr(0, record.bytes);
  space.clear();
  contents_.read(tenant, record.content, record.bytes, space);
  return as_text(space);
}

StreamNumber Logs::taker_of(TenantId tenant, std::string_view topic) const {
  if (filters.rows() == 0) return {};
  Bytes space;
  for (const std::uint64_t level : {first_level_of(topic), kAnyLevel}) {
    const FilterKey low{.tenant = tenant, .index = 0, .first_level = level, .stream = {}};
    for (auto at = filters.lower_bound(low);
         at && at.key().tenant == tenant && at.key().first_level == level; at.next()) {
      if (topic::matches(text_of(tenant, at.row(), space), topic)) return at.key().stream;
    }
  }
  return {};
}

bool Logs::is_taken(TenantId tenant, std::string_view filter, StreamNumber but) const {
  Bytes space;
  const FilterKey low{.tenant = tenant, .index = 0, .first_level = 0, .stream = {}};
  for (auto at = filters.lower_bound(low); at && at.key().tenant == tenant; at.next()) {
    if (at.key().stream != but && topic::overlap(text_of(tenant, at.row(), space), filter)) {
      return true;
    }
  }
  return false;
}

void Logs::set_filters(TenantId tenant, StreamNumber stream, const StreamTerms& terms) {
  std::uint32_t index = 0;
  for (const std::string& filter : terms.filters) {
    FilterRecord record{.bytes = filter.size()};
    if (filter.size() > kInlineText) {
      record.content = add_content(tenant, as_bytes(filter));
    } else {
      std::ranges::copy(as_bytes(filter), record.text.begin());
    }
    filters.insert({.tenant = tenant,
                    .index = index++,
                    .first_level = first_level_of(filter),
                    .stream = stream},
                   record);
  }
}

void Logs::erase_filters(TenantId tenant, StreamNumber stream, const StreamTerms& terms) {
  std::uint32_t index = 0;
  for (const std::string& filter : terms.filters) {
    const FilterKey key{.tenant = tenant,
                        .index = index++,
                        .first_level = first_level_of(filter),
                        .stream = stream};
    const FilterRecord record = *filters.find(key);
    if (!record.content.is_zero()) contents_.erase(tenant, record.content, record.bytes);
    filters.erase(key);
  }
}

// --- what is counted ---

LogTotals Logs::totals() const {
  const LogTotals* row = totals_.find({});
  return row == nullptr ? LogTotals{} : *row;
}

ContentNumber Logs::add_content(TenantId tenant, ByteView bytes) {
  const ContentNumber number(kOwnContents + totals().next_content);
  change_totals([](LogTotals& totals) { ++totals.next_content; });
  contents_.insert(tenant, number, std::array{bytes});
  return number;
}

std::uint64_t Logs::rows() const {
  std::uint64_t rows = 0;
  lanes_.for_each([&](std::uint64_t lane, const LaneRecord& record) {
    rows += messages_.rows(lane) - record.wanted_from;
  });
  return rows;
}

void Logs::let_rows_go() {
  for (std::size_t lane = 1; lane < Messages::kLanes; ++lane) {
    const LaneRecord* record = lanes_.find(lane);
    if (record == nullptr) continue;
    const std::uint64_t first = messages_.first_wanted(lane);
    if (first <= record->wanted_from) continue;
    messages_.let_go_before(lane, first);
    change_lane(lane, [&](LaneRecord& changed) { changed.wanted_from = first; });
  }
}

std::optional<Timestamp> Logs::next_due() const {
  const auto first = due.first();
  if (!first) return std::nullopt;
  return first.key().at;
}

// --- streams ---

void Logs::apply(const kernel::Event& event, const StreamPut& put) {
  const TenantId tenant = event.tenant;
  const StreamKey key = stream_key(tenant, put.stream);
  StreamRecord record{.created = event.time};
  const StreamRecord* before = streams.find(key);
  if (before != nullptr) {
    record = *before;
    erase_filters(tenant, put.stream, put_of(tenant, record).terms);
    contents_.erase(tenant, record.content, record.content_bytes);
  } else {
    KEEL_ASSERT(put.stream == totals().next_stream);
    change_totals(
        [&](LogTotals& totals) { totals.next_stream = StreamNumber(put.stream.value() + 1); });
    // The lane with the fewest streams: what they keep long holds up few others.
    record.lane = 1;
    const auto streams_in = [this](std::size_t lane) {
      const LaneRecord* found = lanes_.find(lane);
      return found == nullptr ? 0 : found->streams;
    };
    for (std::uint8_t lane = 2; lane < Messages::kLanes; ++lane) {
      if (streams_in(lane) < streams_in(record.lane)) record.lane = lane;
    }
    change_lane(record.lane, [](LaneRecord& lane) { ++lane.streams; });
    names.insert(name_key(tenant, {}, digest_of(put.name)), {.number = put.stream.value()});
    streams.insert(key, record);
  }
  const StreamTerms& terms = put.terms;
  Bytes content;
  encode(put, content);
  record.content = add_content(tenant, content);
  record.content_bytes = static_cast<std::uint32_t>(content.size());
  record.max_messages = limit(terms.max_messages);
  record.max_rows = terms.max_bytes == 0 ? UINT64_MAX : terms.max_bytes / kMessageRowBytes;
  record.max_age_ns = terms.max_age_s == 0
                          ? INT64_MAX
                          : Duration::seconds(static_cast<std::int64_t>(terms.max_age_s)).ns;
  record.max_message_bytes = terms.max_message_bytes == 0
                                 ? static_cast<std::uint32_t>(kMaxMessageBytes)
                                 : terms.max_message_bytes;
  record.discard = terms.discard;
  record.has_filters = terms.filters.empty() ? 0 : 1;
  streams.modify(key, [&](StreamRecord& changed) { changed = record; });
  set_filters(tenant, put.stream, terms);
  keep_limits(tenant, put.stream);
  set_due(tenant, put.stream,
          record.has_age() && record.messages() > 0 ? event.time : Timestamp::never());
  let_rows_go();
}

void Logs::apply(const kernel::Event& event, const StreamDeleted& deleted) {
  const TenantId tenant = event.tenant;
  const StreamKey key = stream_key(tenant, deleted.stream);
  const StreamRecord record = *streams.find(key);
  const StreamPut put = put_of(tenant, record);
  erase_filters(tenant, deleted.stream, put.terms);
  names.erase(name_key(tenant, {}, digest_of(put.name)));
  set_due(tenant, deleted.stream, Timestamp::never());
  streams.modify(key, [](StreamRecord& changed) {
    changed.deleted = 1;
    changed.first = changed.last + 1;
    changed.rows_first = changed.rows_end;
  });
  sweep_later(tenant, deleted.stream, {});
}

// --- consumers ---

void Logs::apply(const kernel::Event& event, const ConsumerPut& put) {
  const TenantId tenant = event.tenant;
  const ConsumerKey key = consumer_key(tenant, put.stream, put.consumer);
  ConsumerRecord record{.created = event.time, .next = put.next};
  const ConsumerRecord* before = consumers.find(key);
  if (before != nullptr) {
    record = *before;
    contents_.erase(tenant, record.content, record.content_bytes);
  } else {
    KEEL_ASSERT(put.consumer == totals().next_consumer);
    change_totals([&](LogTotals& totals) {
      totals.next_consumer = ConsumerNumber(put.consumer.value() + 1);
    });
    names.insert(name_key(tenant, put.stream, digest_of(put.name)),
                 {.number = put.consumer.value()});
    consumers.insert(key, record);
    streams.modify(stream_key(tenant, put.stream),
                   [](StreamRecord& stream) { ++stream.consumers; });
  }
  Bytes content;
  encode(put, content);
  record.content = add_content(tenant, content);
  record.content_bytes = static_cast<std::uint32_t>(content.size());
  record.filter_bytes = static_cast<std::uint32_t>(put.terms.filter.size());
  record.ack = put.terms.ack;
  record.ack_wait_ns = Duration::milliseconds(static_cast<std::int64_t>(put.terms.ack_wait_ms)).ns;
  record.max_deliveries = put.terms.max_deliveries;
  record.max_pending = put.terms.max_ack_pending;
  consumers.modify(key, [&](ConsumerRecord& changed) { changed = record; });
}

void Logs::apply(const kernel::Event& event, const ConsumerDeleted& deleted) {
  const TenantId tenant = event.tenant;
  const ConsumerKey key = consumer_key(tenant, deleted.stream, deleted.consumer);
  const ConsumerRecord record = *consumers.find(key);
  names.erase(name_key(tenant, deleted.stream, digest_of(put_of(tenant, record).name)));
  contents_.erase(tenant, record.content, record.content_bytes);
  consumers.erase(key);
  streams.modify(stream_key(tenant, deleted.stream),
                 [](StreamRecord& stream) { --stream.consumers; });
  if (record.pending > 0) sweep_later(tenant, deleted.stream, deleted.consumer);
}

void Logs::postpone(TenantId tenant, ConsumerNumber consumer, Sequence sequence, Timestamp until) {
  const PendingKey key = pending_key(tenant, consumer, sequence);
  redeliveries.erase(redelivery_key(tenant, consumer, pending.find(key)->due, sequence));
  redeliveries.insert(redelivery_key(tenant, consumer, until, sequence));
  pending.modify(key, [&](PendingRecord& record) { record.due = until; });
}

void Logs::erase_pending(TenantId tenant, ConsumerNumber consumer, Sequence sequence) {
  const PendingKey key = pending_key(tenant, consumer, sequence);
  redeliveries.erase(redelivery_key(tenant, consumer, pending.find(key)->due, sequence));
  pending.erase(key);
}

void Logs::apply(const kernel::Event& event, const Fetched& fetched) {
  const TenantId tenant = event.tenant;
  const ConsumerNumber consumer = fetched.consumer;
  const ConsumerKey key = consumer_key(tenant, fetched.stream, consumer);
  std::uint64_t delivered = consumers.find(key)->delivered;
  const bool is_kept = consumers.find(key)->ack != AckPolicy::none;
  for (const Sequence sequence : fetched.given_up) erase_pending(tenant, consumer, sequence);
  for (const Sequence sequence : fetched.repeated) {
    ++delivered;
    postpone(tenant, consumer, sequence, fetched.due);
    pending.modify(pending_key(tenant, consumer, sequence),
                   [](PendingRecord& record) { ++record.deliveries; });
  }
  for (const Sequence sequence : fetched.fresh) {
    ++delivered;
    if (!is_kept) continue;
    pending.insert(pending_key(tenant, consumer, sequence),
                   {.consumer_sequence = delivered, .due = fetched.due, .deliveries = 1});
    redeliveries.insert(redelivery_key(tenant, consumer, fetched.due, sequence));
  }
  consumers.modify(key, [&](ConsumerRecord& record) {
    record.next = fetched.next;
    record.delivered = delivered;
    record.redelivered += fetched.repeated.size();
    record.given_up += fetched.given_up.size();
    if (is_kept) record.pending += static_cast<std::uint32_t>(fetched.fresh.size());
    record.pending -= static_cast<std::uint32_t>(fetched.given_up.size());
  });
}

void Logs::apply(const kernel::Event& event, const Acknowledged& acknowledged) {
  const TenantId tenant = event.tenant;
  const ConsumerNumber consumer = acknowledged.consumer;
  for (const Sequence sequence : acknowledged.done) erase_pending(tenant, consumer, sequence);
  for (const Sequence sequence : acknowledged.given_up) erase_pending(tenant, consumer, sequence);
  for (const Acknowledged::Postponed& one : acknowledged.postponed) {
    postpone(tenant, consumer, one.sequence, one.until);
  }
  consumers.modify(
      consumer_key(tenant, acknowledged.stream, consumer), [&](ConsumerRecord& record) {
        record.given_up += acknowledged.given_up.size();
        record.pending -=
            static_cast<std::uint32_t>(acknowledged.done.size() + acknowledged.given_up.size());
      });
}

void Logs::sweep_pending(TenantId tenant, StreamNumber stream, ConsumerNumber consumer) {
  std::uint32_t left = kSweptAtOnce;
  for (;; --left) {
    const auto at = pending.lower_bound(pending_key(tenant, consumer, 0));
    if (!at || at.key().tenant != tenant || at.key().consumer != consumer) break;
    if (left == 0) return;
    erase_pending(tenant, consumer, at.key().sequence);
  }
  due.erase({.at = {}, .tenant = tenant, .reserved = 0, .stream = stream, .consumer = consumer});
}

}  // namespace keel::streams
