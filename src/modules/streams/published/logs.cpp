// Named streams and their consumers.
#include "modules/streams/log/events.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/published/parts.hpp"
#include "modules/streams/state/log_rows.hpp"
#include "modules/streams/state/messages.hpp"

namespace keel::streams {
namespace {

using kernel::column;
using kernel::SchemaBook;
using kernel::Slot;

void keys(SchemaBook& book) {
  book.row("StreamKey", column("tenant", &StreamKey::tenant),
           column("reserved", &StreamKey::reserved), column("number", &StreamKey::number));
  book.row("StreamNameKey", column("tenant", &StreamNameKey::tenant),
           column("reserved", &StreamNameKey::reserved), column("stream", &StreamNameKey::stream),
           column("name", &StreamNameKey::name));
  book.row("FilterKey", column("tenant", &FilterKey::tenant), column("index", &FilterKey::index),
           column("first_level", &FilterKey::first_level), column("stream", &FilterKey::stream));
  book.row("BlockKey", column("tenant", &BlockKey::tenant), column("reserved", &BlockKey::reserved),
           column("stream", &BlockKey::stream), column("first", &BlockKey::first));
  book.row("ConsumerKey", column("tenant", &ConsumerKey::tenant),
           column("reserved", &ConsumerKey::reserved), column("stream", &ConsumerKey::stream),
           column("number", &ConsumerKey::number));
  book.row("PendingKey", column("tenant", &PendingKey::tenant),
           column("reserved", &PendingKey::reserved), column("consumer", &PendingKey::consumer),
           column("sequence", &PendingKey::sequence));
  book.row("RedeliveryKey", column("tenant", &RedeliveryKey::tenant),
           column("reserved", &RedeliveryKey::reserved),
           column("consumer", &RedeliveryKey::consumer), column("due", &RedeliveryKey::due),
           column("sequence", &RedeliveryKey::sequence));
  book.row("StreamDueKey", column("at", &StreamDueKey::at), column("tenant", &StreamDueKey::tenant),
           column("reserved", &StreamDueKey::reserved), column("stream", &StreamDueKey::stream),
           column("consumer", &StreamDueKey::consumer));
}

void records(SchemaBook& book) {
  book.values<Discard>();
  book.values<AckPolicy>();
  book.row("StreamRecord", column("content", &StreamRecord::content),
           column("created", &StreamRecord::created), column("last_time", &StreamRecord::last_time),
           column("due", &StreamRecord::due), column("first", &StreamRecord::first),
           column("last", &StreamRecord::last), column("rows_end", &StreamRecord::rows_end),
           column("rows_first", &StreamRecord::rows_first),
           column("max_messages", &StreamRecord::max_messages),
           column("max_rows", &StreamRecord::max_rows),
           column("max_age_ns", &StreamRecord::max_age_ns),
           column("max_message_bytes", &StreamRecord::max_message_bytes),
           column("content_bytes", &StreamRecord::content_bytes),
           column("consumers", &StreamRecord::consumers), column("discard", &StreamRecord::discard),
           column("lane", &StreamRecord::lane), column("has_filters", &StreamRecord::has_filters),
           column("deleted", &StreamRecord::deleted));
  book.row("StreamNameRecord", column("number", &StreamNameRecord::number));
  book.row("FilterRecord", column("content", &FilterRecord::content),
           column("bytes", &FilterRecord::bytes), column("text", &FilterRecord::text));
  book.row("BlockRecord", column("place", &BlockRecord::place),
           column("rows_before", &BlockRecord::rows_before), column("time", &BlockRecord::time),
           column("count", &BlockRecord::count), column("reserved", &BlockRecord::reserved),
           column("at", &BlockRecord::at), column("rows", &BlockRecord::rows),
           column("later_ms", &BlockRecord::later_ms));
  book.row("ConsumerRecord", column("content", &ConsumerRecord::content),
           column("created", &ConsumerRecord::created), column("next", &ConsumerRecord::next),
           column("delivered", &ConsumerRecord::delivered),
           column("redelivered", &ConsumerRecord::redelivered),
           column("given_up", &ConsumerRecord::given_up),
           column("ack_wait_ns", &ConsumerRecord::ack_wait_ns),
           column("max_deliveries", &ConsumerRecord::max_deliveries),
           column("max_pending", &ConsumerRecord::max_pending),
           column("pending", &ConsumerRecord::pending),
           column("content_bytes", &ConsumerRecord::content_bytes),
           column("filter_bytes", &ConsumerRecord::filter_bytes),
           column("ack", &ConsumerRecord::ack), column("reserved", &ConsumerRecord::reserved));
  book.row("PendingRecord", column("consumer_sequence", &PendingRecord::consumer_sequence),
           column("due", &PendingRecord::due), column("deliveries", &PendingRecord::deliveries));
  book.row("LaneRecord", column("wanted_from", &LaneRecord::wanted_from),
           column("streams", &LaneRecord::streams));
  book.row("LogTotals", column("next_stream", &LogTotals::next_stream),
           column("next_consumer", &LogTotals::next_consumer),
           column("next_content", &LogTotals::next_content));
}

void tables(SchemaBook& book) {
  constexpr std::array<std::string_view, Messages::kStreamLanes> kLanes{
      "streams.lane_1", "streams.lane_2", "streams.lane_3", "streams.lane_4",
      "streams.lane_5", "streams.lane_6", "streams.lane_7", "streams.lane_8"};
  std::uint16_t number = 15;
  for (const std::string_view lane : kLanes) {
    book.table(number++, lane, book.bytes<MessageRow>(),
               book.bytes<MessageHead>() + " topic properties payload uint32[]");
  }
  book.table(23, "streams.streams", book.bytes<StreamKey, StreamRecord>());
  book.table(24, "streams.stream_names", book.bytes<Slot, StreamNameKey, StreamNameRecord>());
  book.table(25, "streams.stream_filters", book.bytes<FilterKey, FilterRecord>());
  book.table(26, "streams.blocks", book.bytes<BlockKey, BlockRecord>(), {},
             kernel::SchemaVersion(2));  // 1: of messages behind one another only
  book.table(27, "streams.consumers", book.bytes<ConsumerKey, ConsumerRecord>());
  book.table(28, "streams.pending", book.bytes<PendingKey, PendingRecord>());
  book.table(29, "streams.redeliveries", book.bytes<RedeliveryKey>());
  book.table(30, "streams.stream_due", book.bytes<StreamDueKey>());
  book.table(31, "streams.lanes", book.bytes<Slot, std::uint64_t, LaneRecord>());
  book.table(32, "streams.stream_totals", book.bytes<Slot, TotalsKey, LogTotals>());
}

}  // namespace

void list_logs(SchemaBook& book) {
  keys(book);
  records(book);
  tables(book);
  book.values<LogCode>();
  book.event<StreamPut>("stream_put");
  book.event<StreamDeleted>("stream_deleted");
  book.event<StreamTrimmed>("stream_trimmed");
  book.event<StreamSwept>("stream_swept");
  book.event<ConsumerPut>("consumer_put");
  book.event<ConsumerDeleted>("consumer_deleted");
  book.event<Fetched>("fetched");
  book.event<Acknowledged>("acknowledged");
  book.command<PutStream>("put_stream");
  book.command<DeleteStream>("delete_stream");
  book.command<PurgeStream>("purge_stream");
  book.command<PutConsumer>("put_consumer");
  book.command<DeleteConsumer>("delete_consumer");
  book.command<Fetch>("fetch");
  book.command<Acknowledge>("acknowledge");
  book.query<ListStreams>("list_streams");
  book.query<GetStream>("get_stream");
  book.query<ListConsumers>("list_consumers");
  book.query<GetConsumer>("get_consumer");
  book.query<ReadMessages>("read_messages");
}

}  // namespace keel::streams
