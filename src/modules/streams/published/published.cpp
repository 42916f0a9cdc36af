// What streams publishes (schema/module.streams.json). In its payloads, words in small letters are
// bytes whose length the row before them says.
#include "modules/streams/published/published.hpp"

#include "modules/streams/events.hpp"
#include "modules/streams/published/parts.hpp"

namespace keel::streams {
namespace {

using kernel::column;
using kernel::Many;
using kernel::SchemaBook;

void events(SchemaBook& book) {
  book.event(kTrafficRecorded, kSchema, "traffic_recorded", "RecordedOperation[]");
  book.row("SessionOpened", column("session", &SessionOpened::session),
           column("present", &SessionOpened::present));
  book.event(
      kSessionOpened, kSchema, "session_opened",
      book.bytes<SessionOpened, OpenHead>() + " client_id will_topic will_properties will_payload");
  book.event(kSubscribed, kSchema, "subscribed", book.bytes<SubscribeHead>() + " filter");
  book.row("SessionClosed", column("session", &SessionClosed::session),
           column("expires_at", &SessionClosed::expires_at),
           column("will_due_at", &SessionClosed::will_due_at),
           column("expiry_s", &SessionClosed::expiry_s),
           column("drops_will", &SessionClosed::drops_will));
  book.event<SessionClosed>("session_closed");
  book.row("Unsubscribed", column("subscription", &Unsubscribed::subscription));
  book.event<Unsubscribed>("unsubscribed");
  book.row("SessionEnded", column("session", &SessionEnded::session));
  book.event<SessionEnded>("session_ended");
  book.row("SessionPurged", column("session", &SessionPurged::session),
           column("entries", &SessionPurged::entries),
           column("subscriptions", &SessionPurged::subscriptions),
           column("inbound", &SessionPurged::inbound),
           column("reserved", &SessionPurged::reserved));
  book.event<SessionPurged>("session_purged");
  book.row("WillDropped", column("session", &WillDropped::session));
  book.event<WillDropped>("will_dropped");
  book.row("EntryExpired", column("entry", &EntryExpired::entry));
  book.event<EntryExpired>("entry_expired");
  book.row("RetainedExpired", column("topic", &RetainedExpired::topic));
  book.event<RetainedExpired>("retained_expired");
}

// After a PageHead: so many rows, each with what its head says.
template <typename Head>
std::string page(SchemaBook& book, std::string_view then) {
  return book.bytes<PageHead>() + " rows of " + book.bytes<Head>() + " " + std::string(then);
}

void queries(SchemaBook& book) {
  book.query(kListSessions, "list_sessions", book.bytes<ListSessions>(),
             page<SessionRowHead>(book, "client_id"));
  book.query(kListSubscriptions, "list_subscriptions", book.bytes<ListSubscriptions>(),
             page<SubscriptionRowHead>(book, "filter"));
  book.query(kListEntries, "list_entries", book.bytes<ListEntries>(),
             page<EntryRowHead>(book, "uint32[] topic properties payload"));
  book.query(kListInbound, "list_inbound", book.bytes<ListInbound>(),
             book.bytes<Many<std::uint16_t>>());
  book.query(kFindRetained, "find_retained", book.bytes<FindRetained>() + " filter",
             book.bytes<PageHead, RetainedCursor>() + " rows of " + book.bytes<RetainedRowHead>() +
                 " topic properties payload");
  book.query(kListWills, "list_wills", book.bytes<ListWills>(),
             page<WillRowHead>(book, "topic properties payload"));
  book.query(kStatistics, "statistics", "", book.bytes<Statistics>());
}

}  // namespace

SchemaBook published() {
  SchemaBook book(kModule, "streams");
  list_values(book);
  list_requests(book);
  list_operations(book);
  events(book);
  list_tables(book);
  book.command(kBatch, "batch", "Operation[]",
               book.bytes<BatchReplyHead>() + " results of " + book.bytes<ResultHead>() +
                   " uint64[] " + book.bytes<Many<Settle>>());
  queries(book);
  list_logs(book);
  return book;
}

}  // namespace keel::streams
