// Queries of streams by brute force: all rows that there are, those behind the cursor, as many as
// the bounds of a page take.
#include <fmt/core.h>

#include <algorithm>

#include "base/hash/sha256.hpp"
#include "sim/torture/streams/streams_oracle.hpp"

namespace keel::torture {

namespace {

using namespace streams;  // the whole file speaks of its records

template <typename Query>
std::optional<Query> whole(const Ask& ask) {
  if (ask.payload.size() != sizeof(Query)) return std::nullopt;
  return ByteReader(ask.payload).read_object<Query>().value();
}

std::array<std::byte, 16> half_digest(std::string_view text) {
  const Digest whole = sha256(as_bytes(text));
  std::array<std::byte, 16> half{};
  std::ranges::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

Finding compare_bytes(const Bytes& expected, ByteView reply) {
  if (std::ranges::equal(expected, reply)) return std::nullopt;
  return fmt::format("{} bytes, by brute force {}{}", reply.size(), expected.size(),
                     reply.size() == expected.size() ? " others" : "");
}

// Rows into a page of so many bytes; the first one whatever its size.
class Page {
 public:
  Page(std::uint32_t budget, std::uint32_t limit, std::size_t head_bytes = sizeof(PageHead))
      : budget_(budget == 0 ? kMaxReplyBytes : std::min<std::size_t>(budget, kMaxReplyBytes)),
        limit_(limit),
        bytes_(head_bytes) {}

  // False: there is more, and it is not on this page.
  bool add(std::initializer_list<ByteView> parts) {
    if (head_.more != 0) return false;
    std::size_t size = 0;
    for (const ByteView part : parts) size += part.size();
    const bool over = limit_ != 0 && head_.rows == limit_;
    if (over || (head_.rows > 0 && bytes_ + size > budget_)) {
      head_.more = 1;
      return false;
    }
    ++head_.rows;
    bytes_ += size;
    for (const ByteView part : parts) append(rows_, part);
    return true;
  }
  Bytes bytes() const {
    Bytes all;
    append(all, object_bytes(head_));
    append(all, rows_);
    return all;
  }
  const PageHead& head() const { return head_; }
  const Bytes& rows() const { return rows_; }

 private:
  std::size_t budget_;
  std::uint32_t limit_;
  std::size_t bytes_;
  PageHead head_;
  Bytes rows_;
};

// Sessions of the tenant, ended ones too, by their numbers.
std::map<std::uint64_t, const ModelSession*> all_sessions(const Model& model, TenantId tenant) {
  std::map<std::uint64_t, const ModelSession*> all;
  for (const auto* sessions : {&model.sessions(), &model.ended()}) {
    for (const auto& [number, session] : *sessions) {
      if (session.tenant == tenant) all[number] = &session;
    }
  }
  return all;
}

Finding sessions(const Model& model, TenantId tenant, const ListSessions& query, ByteView reply) {
  Page page(query.budget_bytes, 0);
  for (const auto& [number, session] : all_sessions(model, tenant)) {
    if (number <= query.after.value()) continue;
    const bool ended = model.ended().contains(number);
    const SessionRowHead head{
        .number = SessionNumber(number),
        .epoch = session->epoch,
        .expires_at = session->expires_at,
        .next_entry = EntryNumber(session->next_entry),
        .queue_bytes = session->bytes(),
        .dropped = session->dropped,
        .refused = session->refused,
        .entries = static_cast<std::uint32_t>(session->entries.size()),
        .subscriptions = static_cast<std::uint32_t>(session->subscriptions.size()),
        .inbound = static_cast<std::uint32_t>(session->inbound.size()),
        .expiry_s = session->expiry_s,
        .client_bytes = static_cast<std::uint16_t>(session->client_id.size()),
        .state = ended                ? SessionState::ended
                 : session->connected ? SessionState::connected
                                      : SessionState::closed,
        .has_will = static_cast<std::uint8_t>(model.wills().contains(number) ? 1 : 0)};
    if (!page.add({object_bytes(head), as_bytes(session->client_id)})) break;
  }
  return compare_bytes(page.bytes(), reply);
}

Finding subscriptions(const Model& model, TenantId tenant, const ListSubscriptions& query,
                      ByteView reply) {
  struct Row {
    std::string filter;
    ModelSubscription terms;
  };
  std::map<SubscriptionCursor, Row> rows;
  for (const auto& [number, session] : all_sessions(model, tenant)) {
    if (!query.session.is_zero() && number != query.session.value()) continue;
    for (const auto& [filter, terms] : session->subscriptions) {
      rows[{.session = SessionNumber(number), .filter_digest = half_digest(filter)}] = {filter,
                                                                                        terms};
    }
  }
  Page page(query.budget_bytes, 0);
  for (const auto& [cursor, row] : rows) {
    if (cursor <= query.after) continue;
    const SubscriptionRowHead head{.cursor = cursor,
                                   .identifier = row.terms.identifier,
                                   .filter_bytes = static_cast<std::uint16_t>(row.filter.size()),
                                   .options = row.terms.options};
    if (!page.add({object_bytes(head), as_bytes(row.filter)})) break;
  }
  return compare_bytes(page.bytes(), reply);
}

Finding entries(const Model& model, TenantId tenant, const ListEntries& query, ByteView reply) {
  Page page(query.budget_bytes, query.limit);
  const auto all = all_sessions(model, tenant);
  const auto found = all.find(query.session.value());
  if (found == all.end()) return compare_bytes(page.bytes(), reply);
  for (const auto& [number, entry] : found->second->entries) {
    if (number <= query.after.value()) continue;
    EntryRowHead head{.number = EntryNumber(number),
                      .expires_at = entry.expires_at,
                      .identifiers = static_cast<std::uint16_t>(entry.identifiers.size()),
                      .qos = entry.qos,
                      .stage = entry.stage};
    if (entry.retain) head.flags = TargetFlag::retain;
    if (query.content == EntryContent::terms) {
      if (!page.add({object_bytes(head)})) break;
      continue;
    }
    const ModelMessage& message = entry.message;
    head.publisher = message.publisher;
    head.published = message.published;
    head.payload_bytes = static_cast<std::uint32_t>(message.payload.size());
    head.property_bytes = static_cast<std::uint32_t>(message.properties.size());
    head.topic_bytes = static_cast<std::uint16_t>(message.topic.size());
    if (!page.add({object_bytes(head), std::as_bytes(std::span(entry.identifiers)),
                   as_bytes(message.topic), as_bytes(message.properties),
                   as_bytes(message.payload)})) {
      break;
    }
  }
  return compare_bytes(page.bytes(), reply);
}

Finding inbound(const Model& model, TenantId tenant, SessionNumber session, ByteView reply) {
  Bytes expected;
  const auto all = all_sessions(model, tenant);
  if (const auto found = all.find(session.value()); found != all.end()) {
    for (const std::uint16_t packet : found->second->inbound) {
      append(expected, object_bytes(packet));
    }
  }
  return compare_bytes(expected, reply);
}

// MQTT 5, section 4.7, level by level.
bool matches(std::string_view filter, std::string_view topic, bool is_first = true) {
  if (is_first && topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) {
    return false;
  }
  if (filter == "#") return true;
  const auto level_of = [](std::string_view text) { return text.substr(0, text.find('/')); };
  const std::string_view wanted = level_of(filter);
  const std::string_view level = level_of(topic);
  if (wanted != "+" && wanted != level) return false;
  const bool filter_ends = wanted.size() == filter.size();
  const bool topic_ends = level.size() == topic.size();
  if (topic_ends) return filter_ends || filter.substr(wanted.size()) == "/#";
  if (filter_ends) return false;
  return matches(filter.substr(wanted.size() + 1), topic.substr(level.size() + 1), false);
}

Finding retained(const Model& model, const Ask& ask, const FindRetained& query, ByteView reply) {
  const std::string_view filter =
      as_text(ByteView(ask.payload).subspan(sizeof(FindRetained), query.filter_bytes));
  std::map<RetainedCursor, const ModelTopic*> topics;
  for (const auto& [topic, message] : model.retained()) {
    if (topic.first != ask.tenant || !matches(filter, topic.second)) continue;
    RetainedCursor cursor{.topic_digest = half_digest(topic.second)};
    std::ranges::copy(as_bytes(std::string_view(topic.second).substr(0, 64)), cursor.topic.begin());
    topics[cursor] = &topic;
  }
  Page page(query.budget_bytes, 0, sizeof(PageHead) + sizeof(RetainedCursor));
  RetainedCursor last = query.after;
  std::optional<RetainedCursor> beyond;  // of the first row that is not on the page
  for (const auto& [cursor, topic] : topics) {
    if (cursor <= query.after) continue;
    const ModelMessage& message = model.retained().at(*topic);
    const RetainedRowHead head{
        .publisher = message.publisher,
        .published = message.published,
        .expires_at = message.expires_at,
        .payload_bytes = static_cast<std::uint32_t>(message.payload.size()),
        .property_bytes = static_cast<std::uint32_t>(message.properties.size()),
        .topic_bytes = static_cast<std::uint16_t>(message.topic.size()),
        .qos = message.qos};
    const bool added = page.add({object_bytes(head), as_bytes(message.topic),
                                 as_bytes(message.properties), as_bytes(message.payload)});
    if (!added) {
      beyond = cursor;
      break;
    }
    last = cursor;
  }
  ByteReader reader(reply);
  const auto head = reader.read_object<PageHead>();
  const auto cursor = reader.read_object<RetainedCursor>();
  if (!head.ok() || !cursor.ok()) return "a page without its head";
  if (head->rows != page.head().rows || head->more != page.head().more) {
    return fmt::format("{} rows and more {}, by brute force {} and {}", head->rows, head->more,
                       page.head().rows, page.head().more);
  }
  // It stands at the last topic that was looked at, whether or not the filter matches that.
  if (*cursor < last || (beyond && *cursor >= *beyond))
    return "the page's cursor passes a row over";
  return compare_bytes(page.rows(), reader.take(reader.remaining()).value());
}

Finding wills(const Model& model, TenantId tenant, const ListWills& query, ByteView reply) {
  Page page(query.budget_bytes, 0);
  const auto all = all_sessions(model, tenant);
  for (const auto& [number, will] : model.wills()) {
    if (number <= query.after.value() || !all.contains(number)) continue;
    const ModelMessage& message = will.message;
    const WillRowHead head{.session = SessionNumber(number),
                           .due_at = will.due_at,
                           .delay_s = will.delay_s,
                           .payload_bytes = static_cast<std::uint32_t>(message.payload.size()),
                           .property_bytes = static_cast<std::uint32_t>(message.properties.size()),
                           .topic_bytes = static_cast<std::uint16_t>(message.topic.size()),
                           .qos = message.qos,
                           .retain = static_cast<std::uint8_t>(will.retain ? 1 : 0)};
    if (!page.add({object_bytes(head), as_bytes(message.topic), as_bytes(message.properties),
                   as_bytes(message.payload)})) {
      break;
    }
  }
  return compare_bytes(page.bytes(), reply);
}

}  // namespace

std::optional<Finding> compare_streams_query(const Model& model, const Ask& ask, ByteView reply) {
  const TenantId tenant = ask.tenant;
  const auto judge = [&]<typename Query>(const std::optional<Query>& query, auto&& compare) {
    return query ? std::optional<Finding>(compare(*query)) : std::nullopt;
  };
  const kernel::QueryType type(ask.type);
  if (type == kListSessions) {
    return judge(whole<ListSessions>(ask),
                 [&](const auto& query) { return sessions(model, tenant, query, reply); });
  }
  if (type == kListSubscriptions) {
    return judge(whole<ListSubscriptions>(ask),
                 [&](const auto& query) { return subscriptions(model, tenant, query, reply); });
  }
  if (type == kListEntries) {
    return judge(whole<ListEntries>(ask),
                 [&](const auto& query) { return entries(model, tenant, query, reply); });
  }
  if (type == kListInbound) {
    return judge(whole<ListInbound>(ask),
                 [&](const auto& query) { return inbound(model, tenant, query.session, reply); });
  }
  if (type == kListWills) {
    return judge(whole<ListWills>(ask),
                 [&](const auto& query) { return wills(model, tenant, query, reply); });
  }
  if (type == kFindRetained) {
    const auto head = ByteReader(ask.payload).read_object<FindRetained>();
    const bool fits = head.ok() && head->filter_bytes > 0 && head->filter_bytes <= kMaxTopicBytes &&
                      ask.payload.size() == sizeof(FindRetained) + head->filter_bytes;
    if (!fits) return std::nullopt;
    return retained(model, ask, *head, reply);
  }
  if (type != kStatistics || !ask.payload.empty()) return std::nullopt;
  const Statistics expected = model.statistics();
  const ByteView bytes = object_bytes(expected);
  return compare_bytes(Bytes(bytes.begin(), bytes.end()), reply);
}

}  // namespace keel::torture
