// Entries of queues with their messages, of which older ones may have to be fetched; and retained
// messages by filter.
#include "base/topic/topic_filter.hpp"
#include "modules/streams/query/page.hpp"
#include "modules/streams/query/queries.hpp"

namespace keel::streams {
namespace {

// What one page looks at: rows on disk, each in a block of its own at worst; topics that may not
// match.
constexpr std::uint64_t kMostColdRows = 1'024;
constexpr std::size_t kMostTopics = 4'096;

EntryRowHead head_of(EntryNumber number, const EntryRecord& entry) {
  return {.number = number,
          .publisher = {},
          .published = {},
          .expires_at = entry.expires_at,
          .payload_bytes = 0,
          .property_bytes = 0,
          .topic_bytes = 0,
          .identifiers = entry.identifiers,
          .qos = entry.qos,
          .stage = entry.stage,
          .flags = entry.flags,
          .reserved = 0};
}

// False: something is not at hand, and the reply will be made again.
bool append_message(const Messages& messages, const EntryRecord& entry, const MessageHead& message,
                    EntryRowHead head, Bytes& reply) {
  head.publisher = message.publisher;
  head.published = message.published;
  head.payload_bytes = message.payload_bytes;
  head.property_bytes = message.property_bytes;
  head.topic_bytes = message.topic_bytes;
  append(reply, object_bytes(head));
  const std::size_t identifiers_at = message.bytes() + entry.identifiers_at * sizeof(std::uint32_t);
  return messages.read(Place(entry.place), identifiers_at,
                       entry.identifiers * sizeof(std::uint32_t), reply) &&
         messages.read(Place(entry.place), 0, message.bytes(), reply);
}

}  // namespace

void list_entries(const State& state, TenantId tenant, const ListEntries& query, Bytes& reply) {
  PageWriter page(reply, query.budget_bytes);
  for (auto at = state.entries.upper_bound(entry_key(tenant, query.session, query.after));
       at && at.key().tenant == tenant && at.key().session == query.session; at.next()) {
    if (query.limit != 0 && page.rows() == query.limit) {
      page.end_early();
      break;
    }
    const EntryRecord& entry = at.row();
    const EntryRowHead head = head_of(at.key().number, entry);
    if (query.content == EntryContent::terms) {
      if (!page.takes(sizeof(head))) break;
      append(page.row(), object_bytes(head));
      continue;
    }
    if (page.rows() > 0 && state.messages.cold_asked() >= kMostColdRows) {
      page.end_early();
      break;
    }
    if (!page.takes(sizeof(head) + entry.bytes + entry.identifiers * sizeof(std::uint32_t))) break;
    const std::optional<MessageHead> message = state.messages.head(Place(entry.place));
    if (!message.has_value()) break;
    if (!append_message(state.messages, entry, *message, head, page.row())) break;
  }
  page.finish();
}

void find_retained(const State& state, TenantId tenant, const FindRetained& query,
                   std::string_view filter, Bytes& reply) {
  const std::string_view prefix = topic::fixed_prefix(filter).substr(0, kInlineText);
  RetainedCursor cursor = query.after;
  const RetainedCursor lowest = [&] {
    RetainedCursor low{};
    std::ranges::copy(as_bytes(prefix), low.topic.begin());
    return low;
  }();

  PageWriter page(reply, query.budget_bytes);
  const std::size_t cursor_at = reply.size();
  append(reply, object_bytes(cursor));
  const auto begin = cursor < lowest ? state.retained.lower_bound(retained_key(tenant, lowest))
                                     : state.retained.upper_bound(retained_key(tenant, cursor));
  Bytes topic;
  std::size_t looked_at = 0;
  for (auto at = begin; at && at.key().tenant == tenant; at.next()) {
    const RetainedCursor& key = at.key().topic;
    if (as_text(key.topic).substr(0, prefix.size()) != prefix) break;
    if (++looked_at > kMostTopics) {
      page.end_early();
      break;
    }
    const RetainedRecord& row = at.row();
    topic.clear();
    state.contents.read(tenant, row.content, row.topic_bytes, topic);
    if (topic::matches(filter, as_text(topic))) {
      if (!page.takes(sizeof(RetainedRowHead) + row.bytes())) break;
      append(page.row(), object_bytes(RetainedRowHead{.publisher = row.publisher,
                                                      .published = row.published,
                                                      .expires_at = row.expires_at,
                                                      .payload_bytes = row.payload_bytes,
                                                      .property_bytes = row.property_bytes,
                                                      .topic_bytes = row.topic_bytes,
                                                      .qos = row.qos,
                                                      .reserved = {}}));
      state.contents.read(tenant, row.content, row.bytes(), reply);
    }
    cursor = key;
  }
  std::ranges::copy(object_bytes(cursor), ByteSpan(reply).subspan(cursor_at).begin());
  page.finish();
}

}  // namespace keel::streams
