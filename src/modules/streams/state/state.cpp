#include "modules/streams/state/state.hpp"

#include <algorithm>

#include "base/hash/sha256.hpp"

namespace keel::streams {

TextDigest digest_of(std::string_view text) {
  const Digest whole = sha256(as_bytes(text));
  TextDigest half{};
  std::ranges::copy(ByteView(whole).first(half.size()), half.begin());
  return half;
}

RetainedCursor retained_cursor_of(std::string_view topic) {
  RetainedCursor cursor{.topic = {}, .topic_digest = digest_of(topic)};
  std::ranges::copy(as_bytes(topic.substr(0, cursor.topic.size())), cursor.topic.begin());
  return cursor;
}

State::State(kernel::UndoLog& undo, kernel::HashSeed seed, const StreamsOptions& options)
    : messages(undo, seed),
      contents(undo, seed, options.max_content_rows),
      sessions({kModule, 4}, "streams.sessions", undo,
               {.max_rows = options.max_sessions, .setting = "streams.max_sessions"}),
      clients({kModule, 5}, "streams.clients", undo, seed, {.max_rows = options.max_sessions}),
      queues({kModule, 6}, "streams.queues", undo, seed, {.max_rows = options.max_sessions}),
      entries({kModule, 7}, "streams.entries", undo,
              {.max_rows = options.max_entries, .setting = "streams.max_entries"}),
      inbound({kModule, 8}, "streams.inbound", undo,
              {.max_rows = options.max_inbound, .setting = "streams.max_inbound"}),
      subscriptions(
          {kModule, 9}, "streams.subscriptions", undo,
          {.max_rows = options.max_subscriptions, .setting = "streams.max_subscriptions"}),
      wills({kModule, 10}, "streams.wills", undo, {.max_rows = options.max_sessions}),
      retained({kModule, 11}, "streams.retained", undo,
               {.max_rows = options.max_retained, .setting = "streams.max_retained"}),
      due({kModule, 12}, "streams.due", undo,
          {.max_rows = options.max_sessions + options.max_entries}),
      retained_due({kModule, 13}, "streams.retained_due", undo, {.max_rows = options.max_retained}),
      logs(undo, seed, options, messages, contents),
      totals_({kModule, 14}, "streams.totals", undo, seed, {.max_rows = 1}),
      all_{messages.tables()[0],
           messages.tables()[1],
           contents.table(),
           &sessions,
           &clients,
           &queues,
           &entries,
           &inbound,
           &subscriptions,
           &wills,
           &retained,
           &due,
           &retained_due,
           &totals_} {
  // Behind those of before: an older snapshot ends here.
  for (kernel::TableBase* table : messages.lanes()) all_.push_back(table);
  for (kernel::TableBase* table : logs.tables()) all_.push_back(table);
}

// Ownership of ids and sizes is one row's; a missing row is all zeros.
Totals State::totals() const {
  const Totals* row = totals_.find({});
  return row == nullptr ? Totals{} : *row;
}

const QueueRecord* State::find_queue(TenantId tenant, SessionNumber session) const {
  const QueueRecord* queue = queues.find(session_key(tenant, session));
  return queue == nullptr || queue->ended != 0 ? nullptr : queue;
}

const SessionRecord* State::find_session(TenantId tenant, SessionNumber session) const {
  const SessionRecord* found = sessions.find(session_key(tenant, session));
  return found == nullptr || found->state == SessionState::ended ? nullptr : found;
}

std::optional<SessionNumber> State::find_client(TenantId tenant, std::string_view client_id) const {
  const ClientRecord* client =
      clients.find({.tenant = tenant, .reserved = {}, .client_id = digest_of(client_id)});
  if (client == nullptr) return std::nullopt;
  return client->session;
}

ContentNumber State::add_content(TenantId tenant, std::span<const ByteView> parts) {
  const ContentNumber number = totals().next_content;
  change_totals(
      [](Totals& totals) { totals.next_content = ContentNumber(totals.next_content.value() + 1); });
  contents.insert(tenant, number, parts);
  return number;
}

void State::let_messages_go() {
  logs.let_rows_go();
  const std::uint64_t first = messages.first_wanted(0);
  if (first <= totals().messages_from) return;
  messages.let_go_before(0, first);
  change_totals([&](Totals& totals) { totals.messages_from = first; });
}

}  // namespace keel::streams
