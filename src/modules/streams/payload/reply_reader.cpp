#include "modules/streams/payload/reply_reader.hpp"

#include "modules/streams/errors.hpp"

namespace keel::streams {
namespace {

template <typename T>
Result<T> object(ByteReader& reader) {
  const auto read = reader.read_object<T>();
  if (!read.ok()) return kBadReply;
  return *read;
}

Result<ByteView> taken(ByteReader& reader, std::size_t bytes) {
  const auto view = reader.take(bytes);
  if (!view.ok()) return kBadReply;
  return *view;
}

template <typename Head>
Result<MessageView> message(ByteReader& reader, const Head& head) {
  MessageView view;
  view.topic = as_text(KEEL_TRY(taken(reader, head.topic_bytes)));
  view.properties = KEEL_TRY(taken(reader, head.property_bytes));
  view.payload = KEEL_TRY(taken(reader, head.payload_bytes));
  return view;
}

}  // namespace

Opened opened_of(const OpResult& result) {
  KEEL_ASSERT(result.code == OpCode::done && result.numbers.size() == 4);
  return {.session = SessionNumber(result.numbers[0]),
          .epoch = result.numbers[1],
          .present = result.numbers[2] != 0,
          .will_of = SessionNumber(result.numbers[3])};
}

Result<BatchReply> BatchReply::read(ByteView reply) {
  ByteReader reader(reply);
  const auto head = KEEL_TRY(object<BatchReplyHead>(reader));
  return BatchReply(reader, head);
}

Result<OpResult> BatchReply::next_result() {
  KEEL_ASSERT(results_ > 0);
  --results_;
  const auto head = KEEL_TRY(object<ResultHead>(rest_));
  const ByteView numbers =
      KEEL_TRY(taken(rest_, std::size_t{head.numbers} * sizeof(std::uint64_t)));
  return OpResult{.code = head.code, .numbers = Numbers(numbers)};
}

Result<Settle> BatchReply::next_dropped() {
  KEEL_ASSERT(has_dropped());
  --dropped_;
  return object<Settle>(rest_);
}

namespace detail {

Result<PageHead> read_page_head(ByteReader& reader) {
  return object<PageHead>(reader);
}

Result<SessionRow> read_row(ByteReader& reader, const SessionRow*) {
  SessionRow row;
  row.head = KEEL_TRY(object<SessionRowHead>(reader));
  row.client_id = as_text(KEEL_TRY(taken(reader, row.head.client_bytes)));
  return row;
}

Result<SubscriptionRow> read_row(ByteReader& reader, const SubscriptionRow*) {
  SubscriptionRow row;
  row.head = KEEL_TRY(object<SubscriptionRowHead>(reader));
  row.filter = as_text(KEEL_TRY(taken(reader, row.head.filter_bytes)));
  return row;
}

Result<EntryRow> read_row(ByteReader& reader, const EntryRow*) {
  EntryRow row;
  row.head = KEEL_TRY(object<EntryRowHead>(reader));
  if (row.head.topic_bytes == 0) return row;
  row.identifiers = KEEL_TRY(taken(reader, row.head.identifiers * sizeof(std::uint32_t)));
  row.message = KEEL_TRY(message(reader, row.head));
  return row;
}

Result<RetainedRow> read_row(ByteReader& reader, const RetainedRow*) {
  RetainedRow row;
  row.head = KEEL_TRY(object<RetainedRowHead>(reader));
  row.message = KEEL_TRY(message(reader, row.head));
  return row;
}

Result<WillRow> read_row(ByteReader& reader, const WillRow*) {
  WillRow row;
  row.head = KEEL_TRY(object<WillRowHead>(reader));
  row.message = KEEL_TRY(message(reader, row.head));
  return row;
}

}  // namespace detail

Result<RetainedPage> RetainedPage::read(ByteView reply) {
  ByteReader reader(reply);
  const auto head = KEEL_TRY(object<PageHead>(reader));
  const auto cursor = KEEL_TRY(object<RetainedCursor>(reader));
  return RetainedPage(reader, head, cursor);
}

Result<std::vector<std::uint16_t>> read_inbound(ByteView reply) {
  ByteReader reader(reply);
  std::vector<std::uint16_t> ids;
  while (!reader.empty()) {
    const auto id = reader.read<std::uint16_t>();
    if (!id.ok()) return kBadReply;
    ids.push_back(*id);
  }
  return ids;
}

Result<Statistics> read_statistics(ByteView reply) {
  ByteReader reader(reply);
  const auto statistics = KEEL_TRY(object<Statistics>(reader));
  if (!reader.empty()) return kBadReply;
  return statistics;
}

}  // namespace keel::streams
