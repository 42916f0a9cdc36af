// The values, rows and operations that payloads and replies are made of (docs/streams.md).
#include "modules/streams/events.hpp"
#include "modules/streams/published/parts.hpp"

namespace keel::streams {

using kernel::column;
using kernel::SchemaBook;

void list_values(SchemaBook& book) {
  book.values<OpKind>("OpKind", {{"publish", OpKind::publish},
                                 {"forget", OpKind::forget},
                                 {"release", OpKind::release},
                                 {"finish", OpKind::finish},
                                 {"open", OpKind::open},
                                 {"close", OpKind::close},
                                 {"subscribe", OpKind::subscribe},
                                 {"unsubscribe", OpKind::unsubscribe},
                                 {"drop_will", OpKind::drop_will},
                                 {"drop", OpKind::drop},
                                 {"refuse", OpKind::refuse}});
  book.values<PublishFlag>("PublishFlag", {{"retain", PublishFlag::retain},
                                           {"will", PublishFlag::will},
                                           {"to_stream", PublishFlag::to_stream},
                                           {"captured", PublishFlag::captured}});
  book.values<TargetFlag>("TargetFlag", {{"retain", TargetFlag::retain}});
  book.values<OpenFlag>("OpenFlag", {{"clean_start", OpenFlag::clean_start},
                                     {"will", OpenFlag::will},
                                     {"will_retain", OpenFlag::will_retain}});
  book.values<CloseFlag>("CloseFlag",
                         {{"expiry", CloseFlag::expiry}, {"drop_will", CloseFlag::drop_will}});
  book.values<OpCode>("OpCode", {{"done", OpCode::done},
                                 {"no_session", OpCode::no_session},
                                 {"stale", OpCode::stale},
                                 {"repeated", OpCode::repeated},
                                 {"no_will", OpCode::no_will},
                                 {"no_entry", OpCode::no_entry},
                                 {"no_packet", OpCode::no_packet},
                                 {"no_subscription", OpCode::no_subscription},
                                 {"replaced", OpCode::replaced},
                                 {"no_stream", OpCode::no_stream},
                                 {"no_match", OpCode::no_match},
                                 {"wrong_sequence", OpCode::wrong_sequence},
                                 {"sessions_full", OpCode::sessions_full},
                                 {"subscriptions_full", OpCode::subscriptions_full},
                                 {"messages_full", OpCode::messages_full},
                                 {"inbound_full", OpCode::inbound_full},
                                 {"retained_full", OpCode::retained_full},
                                 {"contents_full", OpCode::contents_full},
                                 {"stream_full", OpCode::stream_full},
                                 {"too_large", OpCode::too_large},
                                 {"streams_full", OpCode::streams_full}});
  book.values<EntryContent>("EntryContent",
                            {{"terms", EntryContent::terms}, {"messages", EntryContent::messages}});
  book.values<EntryStage>("EntryStage",
                          {{"queued", EntryStage::queued}, {"released", EntryStage::released}});
  book.values<SessionState>("SessionState", {{"connected", SessionState::connected},
                                             {"closed", SessionState::closed},
                                             {"ended", SessionState::ended}});
}

namespace {

void operation_rows(SchemaBook& book) {
  book.row("OpHead", column("bytes", &OpHead::bytes), column("kind", &OpHead::kind),
           column("reserved", &OpHead::reserved));
  book.row("PublishHead", column("publisher", &PublishHead::publisher),
           column("expiry", &PublishHead::expiry),
           column("payload_bytes", &PublishHead::payload_bytes),
           column("property_bytes", &PublishHead::property_bytes),
           column("topic_bytes", &PublishHead::topic_bytes),
           column("packet_id", &PublishHead::packet_id), column("targets", &PublishHead::targets),
           column("qos", &PublishHead::qos), column("flags", &PublishHead::flags));
  book.row("TargetHead", column("session", &TargetHead::session), column("qos", &TargetHead::qos),
           column("flags", &TargetHead::flags), column("identifiers", &TargetHead::identifiers),
           column("reserved", &TargetHead::reserved));
  book.row("ToStream", column("name_digest", &ToStream::name_digest),
           column("expected_last", &ToStream::expected_last));
  book.row("Captured", column("stream", &Captured::stream));
  book.row("Forget", column("session", &Forget::session), column("packet_id", &Forget::packet_id),
           column("reserved", &Forget::reserved));
  book.row("Settle", column("session", &Settle::session), column("entry", &Settle::entry));
  book.row("OpenHead", column("expiry_s", &OpenHead::expiry_s),
           column("will_delay_s", &OpenHead::will_delay_s),
           column("will_payload_bytes", &OpenHead::will_payload_bytes),
           column("will_property_bytes", &OpenHead::will_property_bytes),
           column("will_topic_bytes", &OpenHead::will_topic_bytes),
           column("client_bytes", &OpenHead::client_bytes), column("flags", &OpenHead::flags),
           column("will_qos", &OpenHead::will_qos), column("reserved", &OpenHead::reserved));
  book.row("Close", column("session", &Close::session), column("epoch", &Close::epoch),
           column("expiry_s", &Close::expiry_s), column("flags", &Close::flags));
  book.row("SubscribeHead", column("session", &SubscribeHead::session),
           column("identifier", &SubscribeHead::identifier),
           column("filter_bytes", &SubscribeHead::filter_bytes),
           column("options", &SubscribeHead::options),
           column("reserved", &SubscribeHead::reserved));
  book.row("UnsubscribeHead", column("session", &UnsubscribeHead::session),
           column("filter_bytes", &UnsubscribeHead::filter_bytes),
           column("reserved", &UnsubscribeHead::reserved));
  book.row("Refused", column("session", &Refused::session), column("messages", &Refused::messages));
  book.row("DropWill", column("session", &DropWill::session));
  book.row("BatchReplyHead", column("results", &BatchReplyHead::results),
           column("dropped", &BatchReplyHead::dropped));
  book.row("ResultHead", column("code", &ResultHead::code),
           column("reserved", &ResultHead::reserved), column("numbers", &ResultHead::numbers));
}

void query_rows(SchemaBook& book) {
  book.row("ListSessions", column("after", &ListSessions::after),
           column("budget_bytes", &ListSessions::budget_bytes),
           column("reserved", &ListSessions::reserved));
  book.row("SubscriptionCursor", column("session", &SubscriptionCursor::session),
           column("filter_digest", &SubscriptionCursor::filter_digest));
  book.row("ListSubscriptions", column("session", &ListSubscriptions::session),
           column("after", &ListSubscriptions::after),
           column("budget_bytes", &ListSubscriptions::budget_bytes),
           column("reserved", &ListSubscriptions::reserved));
  book.row("ListEntries", column("session", &ListEntries::session),
           column("after", &ListEntries::after), column("limit", &ListEntries::limit),
           column("budget_bytes", &ListEntries::budget_bytes),
           column("content", &ListEntries::content), column("reserved", &ListEntries::reserved));
  book.row("ListInbound", column("session", &ListInbound::session));
  book.row("RetainedCursor", column("topic", &RetainedCursor::topic),
           column("topic_digest", &RetainedCursor::topic_digest));
  book.row("FindRetained", column("after", &FindRetained::after),
           column("budget_bytes", &FindRetained::budget_bytes),
           column("filter_bytes", &FindRetained::filter_bytes),
           column("reserved", &FindRetained::reserved));
  book.row("ListWills", column("after", &ListWills::after),
           column("budget_bytes", &ListWills::budget_bytes),
           column("reserved", &ListWills::reserved));
}

void reply_rows(SchemaBook& book) {
  book.row("PageHead", column("rows", &PageHead::rows), column("more", &PageHead::more));
  book.row(
      "SessionRowHead", column("number", &SessionRowHead::number),
      column("epoch", &SessionRowHead::epoch), column("expires_at", &SessionRowHead::expires_at),
      column("next_entry", &SessionRowHead::next_entry),
      column("queue_bytes", &SessionRowHead::queue_bytes),
      column("dropped", &SessionRowHead::dropped), column("refused", &SessionRowHead::refused),
      column("entries", &SessionRowHead::entries),
      column("subscriptions", &SessionRowHead::subscriptions),
      column("inbound", &SessionRowHead::inbound), column("expiry_s", &SessionRowHead::expiry_s),
      column("client_bytes", &SessionRowHead::client_bytes),
      column("state", &SessionRowHead::state), column("has_will", &SessionRowHead::has_will),
      column("reserved", &SessionRowHead::reserved));
  book.row("SubscriptionRowHead", column("cursor", &SubscriptionRowHead::cursor),
           column("identifier", &SubscriptionRowHead::identifier),
           column("filter_bytes", &SubscriptionRowHead::filter_bytes),
           column("options", &SubscriptionRowHead::options),
           column("reserved", &SubscriptionRowHead::reserved));
  book.row("EntryRowHead", column("number", &EntryRowHead::number),
           column("publisher", &EntryRowHead::publisher),
           column("published", &EntryRowHead::published),
           column("expires_at", &EntryRowHead::expires_at),
           column("payload_bytes", &EntryRowHead::payload_bytes),
           column("property_bytes", &EntryRowHead::property_bytes),
           column("topic_bytes", &EntryRowHead::topic_bytes),
           column("identifiers", &EntryRowHead::identifiers), column("qos", &EntryRowHead::qos),
           column("stage", &EntryRowHead::stage), column("flags", &EntryRowHead::flags),
           column("reserved", &EntryRowHead::reserved));
  book.row("RetainedRowHead", column("publisher", &RetainedRowHead::publisher),
           column("published", &RetainedRowHead::published),
           column("expires_at", &RetainedRowHead::expires_at),
           column("payload_bytes", &RetainedRowHead::payload_bytes),
           column("property_bytes", &RetainedRowHead::property_bytes),
           column("topic_bytes", &RetainedRowHead::topic_bytes),
           column("qos", &RetainedRowHead::qos), column("reserved", &RetainedRowHead::reserved));
  book.row("WillRowHead", column("session", &WillRowHead::session),
           column("due_at", &WillRowHead::due_at), column("delay_s", &WillRowHead::delay_s),
           column("payload_bytes", &WillRowHead::payload_bytes),
           column("property_bytes", &WillRowHead::property_bytes),
           column("topic_bytes", &WillRowHead::topic_bytes), column("qos", &WillRowHead::qos),
           column("retain", &WillRowHead::retain));
  book.row("Statistics", column("sessions", &Statistics::sessions),
           column("connected", &Statistics::connected),
           column("subscriptions", &Statistics::subscriptions),
           column("entries", &Statistics::entries), column("inbound", &Statistics::inbound),
           column("wills", &Statistics::wills), column("retained", &Statistics::retained),
           column("retained_bytes", &Statistics::retained_bytes),
           column("message_bytes", &Statistics::message_bytes),
           column("content_bytes", &Statistics::content_bytes),
           column("dropped", &Statistics::dropped), column("refused", &Statistics::refused),
           column("expired", &Statistics::expired));
}

// What follows the head of an operation. A kind that is added must be named here, or nothing
// compiles; and in a list below.
std::string body_of(OpKind kind) {
  switch (kind) {
    case OpKind::publish:
      return "PublishHead topic properties payload targets of TargetHead uint32[]";
    case OpKind::forget:
      return "Forget";
    case OpKind::release:
    case OpKind::finish:
    case OpKind::drop:
      return "Settle";
    case OpKind::open:
      return "OpenHead client_id will_topic will_properties will_payload";
    case OpKind::close:
      return "Close";
    case OpKind::subscribe:
      return "SubscribeHead filter";
    case OpKind::unsubscribe:
      return "UnsubscribeHead filter";
    case OpKind::drop_will:
      return "DropWill";
    case OpKind::refuse:
      return "Refused";
  }
  return {};
}

SchemaBook::Case<OpKind> operation(OpKind kind, std::string_view name) {
  return {.kind = kind, .name = name, .payload = body_of(kind)};
}

}  // namespace

void list_requests(SchemaBook& book) {
  operation_rows(book);
  query_rows(book);
  reply_rows(book);
}

void list_operations(SchemaBook& book) {
  book.variant<OpKind>(
      "Operation", book.bytes<OpHead>(),
      {operation(OpKind::publish, "publish"), operation(OpKind::forget, "forget"),
       operation(OpKind::release, "release"), operation(OpKind::finish, "finish"),
       operation(OpKind::open, "open"), operation(OpKind::close, "close"),
       operation(OpKind::subscribe, "subscribe"), operation(OpKind::unsubscribe, "unsubscribe"),
       operation(OpKind::drop_will, "drop_will")});
  book.variant<OpKind>("RecordedOperation", book.bytes<OpHead>(),
                       {operation(OpKind::publish, "publish"), operation(OpKind::forget, "forget"),
                        operation(OpKind::release, "release"), operation(OpKind::finish, "finish"),
                        operation(OpKind::drop, "drop"), operation(OpKind::refuse, "refuse")});
}

}  // namespace keel::streams
