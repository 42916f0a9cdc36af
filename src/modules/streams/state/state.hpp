// What the module remembers: its tables, and how each fact changes them. State knows no rules and
// no bounds: a fact that reaches it has been decided. Private to this folder.
//
// Everything but the messages in queues is in memory; of those apply() looks at no row.
#pragma once

#include "kernel/event.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"
#include "modules/streams/events.hpp"
#include "modules/streams/options.hpp"
#include "modules/streams/payload/batch_reader.hpp"
#include "modules/streams/state/contents.hpp"
#include "modules/streams/state/logs.hpp"
#include "modules/streams/state/messages.hpp"

namespace keel::streams {

TextDigest digest_of(std::string_view text);
RetainedCursor retained_cursor_of(std::string_view topic);

inline SessionKey session_key(TenantId tenant, SessionNumber number) {
  return {.tenant = tenant, .reserved = 0, .number = number};
}
inline EntryKey entry_key(TenantId tenant, SessionNumber session, EntryNumber number) {
  return {.tenant = tenant, .reserved = 0, .session = session, .number = number};
}
inline InboundKey inbound_key(TenantId tenant, SessionNumber session, std::uint64_t packet_id) {
  return {.tenant = tenant, .reserved = 0, .session = session, .packet_id = packet_id};
}
inline SubscriptionKey subscription_key(TenantId tenant, SubscriptionCursor place) {
  return {.tenant = tenant, .reserved = 0, .place = place};
}
inline RetainedKey retained_key(TenantId tenant, const RetainedCursor& topic) {
  return {.tenant = tenant, .reserved = 0, .topic = topic};
}

class State {
 public:
  State(kernel::UndoLog& undo, kernel::HashSeed seed, const StreamsOptions& options);

  // Null: there is none, or it has ended.
  const QueueRecord* find_queue(TenantId tenant, SessionNumber session) const;
  const SessionRecord* find_session(TenantId tenant, SessionNumber session) const;
  std::optional<SessionNumber> find_client(TenantId tenant, std::string_view client_id) const;
  Totals totals() const;
  // Of message rows of queues, from the first one that is wanted on.
  std::uint64_t message_rows() const { return messages.rows(0) - totals().messages_from; }

  void apply_traffic(const kernel::Event& event);
  void apply_opened(const kernel::Event& event);
  void apply_subscribed(const kernel::Event& event);
  void apply(const kernel::Event& event, const SessionClosed& closed);
  void apply(const kernel::Event& event, const Unsubscribed& gone);
  void apply(const kernel::Event& event, const SessionEnded& ended);
  void apply(const kernel::Event& event, const SessionPurged& purged);
  void apply(const kernel::Event& event, const WillDropped& dropped);
  void apply(const kernel::Event& event, const EntryExpired& expired);
  void apply(const kernel::Event& event, const RetainedExpired& expired);

  std::span<kernel::TableBase* const> tables() noexcept [[clang::lifetimebound]] { return all_; }

  Messages messages;
  Contents contents;
  kernel::OrderedTable<SessionKey, SessionRecord> sessions;
  kernel::Table<ClientKey, ClientRecord> clients;
  kernel::Table<SessionKey, QueueRecord> queues;
  kernel::OrderedTable<EntryKey, EntryRecord> entries;
  kernel::OrderedTable<InboundKey> inbound;
  kernel::OrderedTable<SubscriptionKey, SubscriptionRecord> subscriptions;
  kernel::OrderedTable<SessionKey, WillRecord> wills;
  kernel::OrderedTable<RetainedKey, RetainedRecord> retained;
  kernel::OrderedTable<DueKey> due;
  kernel::OrderedTable<RetainedDueKey, RetainedKey> retained_due;
  Logs logs;

 private:
  void publish(const kernel::Event& event, const PublishView& publish);
  // Of a message for queues, for a named stream, or for both: stored once.
  void store(const kernel::Event& event, const PublishView& publish);
  void enqueue(const kernel::Event& event, const PublishView& publish, Place place);
  void set_retained(const kernel::Event& event, const PublishView& publish);
  void erase_retained(const RetainedKey& key);
  void release_entry(TenantId tenant, const Settle& settle);
  // Takes an entry out of its queue.
  void finish_entry(TenantId tenant, const Settle& settle);
  void forget_packet(TenantId tenant, const Forget& forget);
  void count_refused(TenantId tenant, const Refused& refused);

  void add_session(const kernel::Event& event, SessionNumber number, const OpenView& open);
  void open_again(TenantId tenant, SessionNumber number, const OpenView& open);
  void set_will(TenantId tenant, SessionNumber session, const OpenView& open);
  void take_will(TenantId tenant, SessionNumber session);
  void erase_subscription(const SubscriptionKey& key);
  // An ended session of which nothing is left goes.
  void remove_if_empty(TenantId tenant, SessionNumber session);

  ContentNumber add_content(TenantId tenant, std::span<const ByteView> parts);
  template <typename F>
  void change_totals(F&& change);
  // After entries have gone.
  void let_messages_go();

  kernel::Table<TotalsKey, Totals> totals_;
  std::vector<kernel::TableBase*> all_;
};

template <typename F>
void State::change_totals(F&& change) {
  if (totals_.rows() == 0) totals_.insert({}, {});
  totals_.modify({}, change);
}

}  // namespace keel::streams
