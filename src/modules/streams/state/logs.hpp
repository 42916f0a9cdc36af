// Logs: what the module remembers of named streams and their consumers, and how each fact changes
// it. Beside State, whose messages and contents it shares. A stream's own limits are part of its
// terms, which are facts: what goes because of them follows from those, and is done here.
//
// Private to this folder. Thread: the cell's writer.
#pragma once

#include "kernel/event.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"
#include "modules/streams/log/events.hpp"
#include "modules/streams/options.hpp"
#include "modules/streams/state/contents.hpp"
#include "modules/streams/state/log_rows.hpp"
#include "modules/streams/state/messages.hpp"

namespace keel::streams {

inline StreamKey stream_key(TenantId tenant, StreamNumber number) {
  return {.tenant = tenant, .reserved = 0, .number = number};
}
inline ConsumerKey consumer_key(TenantId tenant, StreamNumber stream, ConsumerNumber number) {
  return {.tenant = tenant, .reserved = 0, .stream = stream, .number = number};
}
inline PendingKey pending_key(TenantId tenant, ConsumerNumber consumer, Sequence sequence) {
  return {.tenant = tenant, .reserved = 0, .consumer = consumer, .sequence = sequence};
}
inline RedeliveryKey redelivery_key(TenantId tenant, ConsumerNumber consumer, Timestamp due,
                                    Sequence sequence) {
  return {.tenant = tenant, .reserved = 0, .consumer = consumer, .due = due, .sequence = sequence};
}

class Logs {
 public:
  // Of blocks, or of what was pending, in one event.
  static constexpr std::uint32_t kSweptAtOnce = 64;

  Logs(kernel::UndoLog& undo, kernel::HashSeed seed, const StreamsOptions& options,
       Messages& messages, Contents& contents);

  // Zero: there is none, or it was deleted.
  StreamNumber find_stream(TenantId tenant, const TextDigest& name) const;
  StreamNumber find_stream(TenantId tenant, std::string_view name) const;
  ConsumerNumber find_consumer(TenantId tenant, StreamNumber stream, std::string_view name) const;
  // Null: there is none, or it was deleted.
  const StreamRecord* stream(TenantId tenant, StreamNumber number) const;
  const ConsumerRecord* consumer(TenantId tenant, StreamNumber stream, ConsumerNumber number) const;
  StreamPut put_of(TenantId tenant, const StreamRecord& record) const;
  ConsumerPut put_of(TenantId tenant, const ConsumerRecord& record) const;
  std::string filter_of(TenantId tenant, const ConsumerRecord& record) const;
  // The stream that takes messages of this topic; zero: none does.
  StreamNumber taker_of(TenantId tenant, std::string_view topic) const;
  // Whether another stream than this has a filter that some topic matches as well as `filter`.
  bool is_taken(TenantId tenant, std::string_view filter, StreamNumber but) const;

  // Where a message lies; it is in the stream.
  struct Found {
    Place place;
    std::uint32_t rows = 0;
    Timestamp time;  // to the millisecond, and not later than it was
  };
  Found locate(TenantId tenant, StreamNumber stream, Sequence sequence) const;
  // The first message that was published then or later; last + 1: none.
  Sequence first_since(TenantId tenant, StreamNumber stream, Timestamp time) const;

  LogTotals totals() const;
  // Rows that streams keep, in memory and on disk.
  std::uint64_t rows() const;
  std::optional<Timestamp> next_due() const;

  // A message that has just been stored in the stream's lane.
  void append(const kernel::Event& event, StreamNumber stream, Place place, std::uint64_t rows);
  // After messages have been released.
  void let_rows_go();

  void apply(const kernel::Event& event, const StreamPut& put);
  void apply(const kernel::Event& event, const StreamDeleted& deleted);
  void apply(const kernel::Event& event, const StreamTrimmed& trimmed);
  void apply(const kernel::Event& event, const StreamSwept& swept);
  void apply(const kernel::Event& event, const ConsumerPut& put);
  void apply(const kernel::Event& event, const ConsumerDeleted& deleted);
  void apply(const kernel::Event& event, const Fetched& fetched);
  void apply(const kernel::Event& event, const Acknowledged& acknowledged);

  std::array<kernel::TableBase*, 10> tables() noexcept;

  kernel::OrderedTable<StreamKey, StreamRecord> streams;
  kernel::Table<StreamNameKey, StreamNameRecord> names;
  kernel::OrderedTable<FilterKey, FilterRecord> filters;
  kernel::OrderedTable<BlockKey, BlockRecord> blocks;
  kernel::OrderedTable<ConsumerKey, ConsumerRecord> consumers;
  kernel::OrderedTable<PendingKey, PendingRecord> pending;
  kernel::OrderedTable<RedeliveryKey> redeliveries;
  kernel::OrderedTable<StreamDueKey> due;

 private:
  std::string_view text_of(TenantId tenant, const FilterRecord& record, Bytes& space) const;
  ContentNumber add_content(TenantId tenant, ByteView bytes);
  void set_filters(TenantId tenant, StreamNumber stream, const StreamTerms& terms);
  void erase_filters(TenantId tenant, StreamNumber stream, const StreamTerms& terms);
  template <typename F>
  void change_lane(std::size_t lane, F&& change);
  template <typename F>
  void change_totals(F&& change);

  void set_due(TenantId tenant, StreamNumber stream, Timestamp at);
  void sweep_later(TenantId tenant, StreamNumber stream, ConsumerNumber consumer);
  // Messages before `first` are gone.
  void trim(TenantId tenant, StreamNumber stream, Sequence first);
  // As the stream's limits of messages and bytes say.
  void keep_limits(TenantId tenant, StreamNumber stream);
  // Rows of all messages before this one.
  std::uint64_t rows_before(TenantId tenant, StreamNumber stream, Sequence sequence) const;
  void sweep_blocks(TenantId tenant, StreamNumber stream);
  void sweep_pending(TenantId tenant, StreamNumber stream, ConsumerNumber consumer);
  void erase_pending(TenantId tenant, ConsumerNumber consumer, Sequence sequence);
  void postpone(TenantId tenant, ConsumerNumber consumer, Sequence sequence, Timestamp due);

  Messages& messages_;
  Contents& contents_;
  kernel::Table<std::uint64_t, LaneRecord> lanes_;
  kernel::Table<TotalsKey, LogTotals> totals_;
};

template <typename F>
void Logs::change_totals(F&& change) {
  if (totals_.rows() == 0) totals_.insert({}, {});
  totals_.modify({}, change);
}

template <typename F>
void Logs::change_lane(std::size_t lane, F&& change) {
  if (!lanes_.contains(lane)) lanes_.insert(lane, {});
  lanes_.modify(lane, change);
}

}  // namespace keel::streams
