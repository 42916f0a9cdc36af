// The tables of streams, as snapshots and the archive hold them.
#include "modules/streams/published/parts.hpp"
#include "modules/streams/state/messages.hpp"
#include "modules/streams/state/rows.hpp"

namespace keel::streams {
namespace {

using kernel::column;
using kernel::SchemaBook;
using kernel::Slot;

void keys(SchemaBook& book) {
  book.row("SessionKey", column("tenant", &SessionKey::tenant),
           column("reserved", &SessionKey::reserved), column("number", &SessionKey::number));
  book.row("ClientKey", column("tenant", &ClientKey::tenant),
           column("reserved", &ClientKey::reserved), column("client_id", &ClientKey::client_id));
  book.row("EntryKey", column("tenant", &EntryKey::tenant), column("reserved", &EntryKey::reserved),
           column("session", &EntryKey::session), column("number", &EntryKey::number));
  book.row("InboundKey", column("tenant", &InboundKey::tenant),
           column("reserved", &InboundKey::reserved), column("session", &InboundKey::session),
           column("packet_id", &InboundKey::packet_id));
  book.row("SubscriptionKey", column("tenant", &SubscriptionKey::tenant),
           column("reserved", &SubscriptionKey::reserved),
           column("place", &SubscriptionKey::place));
  book.row("RetainedKey", column("tenant", &RetainedKey::tenant),
           column("reserved", &RetainedKey::reserved), column("topic", &RetainedKey::topic));
  book.row("DueKey", column("at", &DueKey::at), column("kind", &DueKey::kind),
           column("tenant", &DueKey::tenant), column("session", &DueKey::session),
           column("entry", &DueKey::entry));
  book.row("RetainedDueKey", column("at", &RetainedDueKey::at),
           column("content", &RetainedDueKey::content));
  book.row("ContentKey", column("number", &ContentKey::number), column("piece", &ContentKey::piece),
           column("tenant", &ContentKey::tenant));
  book.row("TotalsKey", column("zero", &TotalsKey::zero));
}

void records(SchemaBook& book) {
  book.row("MessageRow", column("bytes", &MessageRow::bytes));
  book.row("MessageHead", column("publisher", &MessageHead::publisher),
           column("published", &MessageHead::published),
           column("expires_at", &MessageHead::expires_at),
           column("payload_bytes", &MessageHead::payload_bytes),
           column("property_bytes", &MessageHead::property_bytes),
           column("identifiers", &MessageHead::identifiers),
           column("topic_bytes", &MessageHead::topic_bytes), column("qos", &MessageHead::qos),
           column("reserved", &MessageHead::reserved));
  book.row("ContentRecord", column("bytes", &ContentRecord::bytes));
  book.row("ClientRecord", column("session", &ClientRecord::session));
  book.row("SessionRecord", column("epoch", &SessionRecord::epoch),
           column("expires_at", &SessionRecord::expires_at),
           column("client_content", &SessionRecord::client_content),
           column("expiry_s", &SessionRecord::expiry_s),
           column("subscriptions", &SessionRecord::subscriptions),
           column("client_bytes", &SessionRecord::client_bytes),
           column("state", &SessionRecord::state), column("has_will", &SessionRecord::has_will),
           column("reserved", &SessionRecord::reserved),
           column("client_id", &SessionRecord::client_id));
  book.row("QueueRecord", column("next_entry", &QueueRecord::next_entry),
           column("bytes", &QueueRecord::bytes), column("dropped", &QueueRecord::dropped),
           column("refused", &QueueRecord::refused), column("entries", &QueueRecord::entries),
           column("inbound", &QueueRecord::inbound), column("ended", &QueueRecord::ended));
  book.row("EntryRecord", column("first_row", &EntryRecord::place),
           column("expires_at", &EntryRecord::expires_at), column("bytes", &EntryRecord::bytes),
           column("identifiers_at", &EntryRecord::identifiers_at),
           column("identifiers", &EntryRecord::identifiers), column("qos", &EntryRecord::qos),
           column("stage", &EntryRecord::stage), column("flags", &EntryRecord::flags),
           column("reserved", &EntryRecord::reserved));
  book.row("SubscriptionRecord", column("content", &SubscriptionRecord::content),
           column("identifier", &SubscriptionRecord::identifier),
           column("filter_bytes", &SubscriptionRecord::filter_bytes),
           column("options", &SubscriptionRecord::options),
           column("reserved", &SubscriptionRecord::reserved),
           column("filter", &SubscriptionRecord::filter));
  book.row("WillRecord", column("content", &WillRecord::content),
           column("due_at", &WillRecord::due_at), column("delay_s", &WillRecord::delay_s),
           column("payload_bytes", &WillRecord::payload_bytes),
           column("property_bytes", &WillRecord::property_bytes),
           column("topic_bytes", &WillRecord::topic_bytes), column("qos", &WillRecord::qos),
           column("retain", &WillRecord::retain));
  book.row("RetainedRecord", column("content", &RetainedRecord::content),
           column("publisher", &RetainedRecord::publisher),
           column("published", &RetainedRecord::published),
           column("expires_at", &RetainedRecord::expires_at),
           column("payload_bytes", &RetainedRecord::payload_bytes),
           column("property_bytes", &RetainedRecord::property_bytes),
           column("topic_bytes", &RetainedRecord::topic_bytes), column("qos", &RetainedRecord::qos),
           column("reserved", &RetainedRecord::reserved));
  book.row("Totals", column("next_session", &Totals::next_session),
           column("next_content", &Totals::next_content),
           column("messages_from", &Totals::messages_from), column("connected", &Totals::connected),
           column("retained_bytes", &Totals::retained_bytes), column("dropped", &Totals::dropped),
           column("refused", &Totals::refused), column("expired", &Totals::expired));
}

}  // namespace

void list_tables(SchemaBook& book) {
  book.values<DueKind>(
      "DueKind",
      {{"session", DueKind::session}, {"purge", DueKind::purge}, {"entry", DueKind::entry}});
  keys(book);
  records(book);
  book.table(1, "streams.messages", book.bytes<MessageRow>(),
             book.bytes<MessageHead>() + " topic properties payload uint32[]");
  book.table(2, "streams.message_segments", book.bytes<std::uint64_t, std::uint64_t>());
  book.table(3, "streams.contents", book.bytes<Slot, ContentKey, ContentRecord>(),
             "client_id or filter or topic properties payload");
  book.table(4, "streams.sessions", book.bytes<SessionKey, SessionRecord>());
  book.table(5, "streams.clients", book.bytes<Slot, ClientKey, ClientRecord>());
  book.table(6, "streams.queues", book.bytes<Slot, SessionKey, QueueRecord>());
  book.table(7, "streams.entries", book.bytes<EntryKey, EntryRecord>());
  book.table(8, "streams.inbound", book.bytes<InboundKey>());
  book.table(9, "streams.subscriptions", book.bytes<SubscriptionKey, SubscriptionRecord>());
  book.table(10, "streams.wills", book.bytes<SessionKey, WillRecord>());
  book.table(11, "streams.retained", book.bytes<RetainedKey, RetainedRecord>());
  book.table(12, "streams.due", book.bytes<DueKey>());
  book.table(13, "streams.retained_due", book.bytes<RetainedDueKey, RetainedKey>());
  book.table(14, "streams.totals", book.bytes<Slot, TotalsKey, Totals>());
}

}  // namespace keel::streams
