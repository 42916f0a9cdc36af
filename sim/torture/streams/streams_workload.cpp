#include "sim/torture/streams/streams_workload.hpp"

#include <algorithm>

#include "modules/streams/payload/batch_reader.hpp"
#include "modules/streams/payload/reply_reader.hpp"

namespace keel::torture {

namespace {

using namespace streams;  // the whole file speaks of its records
using sim::Random;

// Beside those of the other modules' workloads.
constexpr uint128 kFirstCommand = uint128{2} << 64;
constexpr PrincipalId kStranger{99};  // may do nothing
constexpr std::size_t kClients = 6;
constexpr std::size_t kKnownEntries = 64;  // of a client, for settling
constexpr std::size_t kLargeMessage = 8'000;
constexpr std::size_t kRoomForLarge = 6'000;  // of a batch that still takes one
constexpr std::uint32_t kWillsBudget = 100;   // bytes: a will or two on a page of the list

bool percent(Random& random, std::uint32_t chance) {
  return random.draw(sim::Chance::percent(chance));
}

template <typename T>
T one_of(Random& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random.below(choices.size()));
}

std::string topic_of(Random& random) {
  const std::string deep = "a/b/" + std::string(90, 'd');
  return one_of<std::string>(random, {"a/b", "a/b/c", "a/x", "b", "/", "$own/a", deep, deep + "e"});
}

std::string filter_of(Random& random) {
  switch (random.below(4)) {
    case 0:
      return std::string(100, 'f') + "/#";
    case 1:
      return "a/" + std::to_string(random.below(90)) + "/+";
    default:
      return one_of<std::string>(random, {"#", "a/#", "a/b/+", "+/b", "$own/#", "a/b"});
  }
}

std::string client_id(std::size_t number) {
  if (number == 0) return std::string(200, 'c');
  if (number == 1) return std::string(64, 'd');
  return "client-" + std::to_string(number);
}

Bytes bytes_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// A payload that is none.
void spoil(Random& random, Bytes& payload) {
  switch (random.below(4)) {
    case 0:
      payload.resize(1 + random.below(payload.size()));
      break;
    case 1:
      payload.at(5 + random.below(3)) = std::byte{1};  // reserved
      break;
    case 2:
      payload.at(4) = std::byte{static_cast<unsigned char>(10 + random.below(200))};  // its kind
      break;
    default:
      payload.push_back(std::byte{});
  }
}

// More operations than a batch may have.
Bytes too_large() {
  Bytes payload;
  BatchWriter one;
  one.drop_will(SessionNumber(1));
  for (std::size_t i = 0; i <= kMaxBatchOps; ++i) append(payload, one.bytes());
  return payload;
}

std::uint32_t budget_of(Random& random) {
  return percent(random, 50) ? 0 : static_cast<std::uint32_t>(60 + random.below(600));
}

template <typename Row>
std::optional<Row> last_row(ByteView reply) {
  auto page = Page<Row>::read(reply);
  std::optional<Row> last;
  while (page.ok() && page->more() && page->has_row()) {
    auto row = page->next();
    if (!row.ok()) return std::nullopt;
    last = *row;
  }
  return last;
}

}  // namespace

TenantId StreamsWorkload::tenant(Random& random) const {
  return TenantId(static_cast<std::uint32_t>(1 + random.below(plan_.streams.tenants)));
}

StreamsWorkload::Client& StreamsWorkload::one(Random& random, TenantId tenant) {
  std::deque<Client>& clients = clients_[tenant];
  while (clients.size() < kClients) {
    clients.push_back({.tenant = tenant, .id = client_id(clients.size())});
  }
  return clients.at(random.below(kClients));
}

// A client's, or one that is not, or not any more, or of another tenant.
SessionNumber StreamsWorkload::session(Random& random, const Client& client) const {
  if (!client.session.is_zero() && !percent(random, 8)) return client.session;
  return SessionNumber(1 + random.below(last_session_ + 2));
}

Ask StreamsWorkload::ask(Random& random, TenantId tenant, kernel::CommandType type,
                         ByteView payload) {
  Ask made{.tenant = tenant,
           .principal = PrincipalId(5 + random.below(2)),
           .id = CommandId(kFirstCommand + ++last_command_),
           .type = type.value(),
           .payload = bytes_of(payload)};
  if (percent(random, 1)) made.principal = kStranger;
  return made;
}

Ask StreamsWorkload::command(Random& random, Timestamp) {
  const TenantId of = tenant(random);
  BatchWriter batch;
  // Clients come first.
  if (last_command_ < 2 * plan_.streams.tenants) {
    for (int i = 0; i < 3; ++i) add_open(random, one(random, of), batch);
  }
  std::uint64_t ops = 1 + random.below(8);
  if (percent(random, 3)) {
    const Client& burst = one(random, of);
    for (ops = 20 + random.below(60); ops > 1; --ops) {
      percent(random, 40) ? add_filter(random, burst, batch) : add_publish(random, burst, batch);
    }
  }
  for (; ops > 0; --ops) add_op(random, of, batch);
  Ask made = ask(random, of, kBatch, batch.bytes());
  if (percent(random, 1)) spoil(random, made.payload);
  if (random.below(400) == 0) made.payload = too_large();
  return made;
}

void StreamsWorkload::add_op(Random& random, TenantId tenant, BatchWriter& batch) {
  Client& client = one(random, tenant);
  const std::uint64_t kind = random.below(100);
  if (kind < 14 || client.session.is_zero()) {
    add_open(random, client, batch);
  } else if (kind < 22) {
    add_close(random, client, batch);
  } else if (kind < 32) {
    add_filter(random, client, batch);
  } else if (kind < 34) {
    batch.drop_will(session(random, client));
  } else if (kind < 40) {
    batch.forget(session(random, client), static_cast<std::uint16_t>(1 + random.below(4)));
  } else if (kind < 58) {
    add_settling(random, client, batch);
  } else if (kind < 64) {
    add_will(random, client, batch);
  } else {
    add_publish(random, client, batch);
  }
}

void StreamsWorkload::add_open(Random& random, const Client& client, BatchWriter& batch) {
  const std::string payload(random.below(300), 'w');
  const std::string topic = "will/" + std::to_string(random.below(3));
  const Will will{.topic = topic,
                  .properties = as_bytes("p"),
                  .payload = as_bytes(payload),
                  .qos = static_cast<std::uint8_t>(random.below(3)),
                  .retain = percent(random, 30),
                  .delay_s = static_cast<std::uint32_t>(random.below(4))};
  batch.open({.client_id = client.id,
              .clean_start = percent(random, 20),
              .expiry_s = one_of<std::uint32_t>(
                  random, {0, 1, 1, 2, 4, 1'000, 4'000'000'000, kNeverExpires}),
              .will = percent(random, 45) ? &will : nullptr});
}

void StreamsWorkload::add_close(Random& random, const Client& client, BatchWriter& batch) {
  Close close{.session = session(random, client), .epoch = client.epoch};
  if (percent(random, 15)) close.epoch = random.below(4);
  if (percent(random, 25)) close.flags |= CloseFlag::drop_will;
  if (percent(random, 25)) {
    close.flags |= CloseFlag::expiry;
    close.expiry_s = one_of<std::uint32_t>(random, {0, 1, 3, 4'000'000'000, kNeverExpires});
  }
  batch.close(close);
}

void StreamsWorkload::add_filter(Random& random, const Client& client, BatchWriter& batch) {
  const std::string filter = filter_of(random);
  const SessionNumber of = session(random, client);
  if (percent(random, 30)) {
    batch.unsubscribe(of, filter);
    return;
  }
  batch.subscribe({.session = of,
                   .filter = filter,
                   .options = static_cast<std::uint8_t>(random.below(64)),
                   .identifier = static_cast<std::uint32_t>(random.below(5))});
}

// Mostly the oldest that is known, as a client does.
void StreamsWorkload::add_settling(Random& random, Client& client, BatchWriter& batch) {
  const SessionNumber of = session(random, client);
  EntryNumber entry(1 + random.below(6));
  const bool is_known = of == client.session && !client.entries.empty();
  const bool finish = percent(random, 65);
  if (is_known) {
    const std::size_t at = percent(random, 60) ? 0 : random.below(client.entries.size());
    entry = client.entries.at(at);
    if (finish && percent(random, 80)) {
      client.entries.erase(client.entries.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  finish ? batch.finish(of, entry) : batch.release(of, entry);
}

void StreamsWorkload::add_publish(Random& random, const Client& client, BatchWriter& batch) {
  std::size_t bytes = random.below(60);
  if (percent(random, 10)) bytes = random.below(700);
  if (plan_.streams.large && batch.bytes().size() < kRoomForLarge && percent(random, 30)) {
    bytes = kLargeMessage;
  }
  if (percent(random, 10)) bytes = 0;
  const std::string payload(bytes, 'm');
  const std::string topic = topic_of(random);
  const std::array<std::uint32_t, 3> identifiers{1, 2, 300};
  std::vector<Target> targets;
  std::set<SessionNumber> named;
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    const SessionNumber to = session(random, one(random, client.tenant));
    if (!named.insert(to).second) continue;
    targets.push_back(
        {.session = to,
         .qos = static_cast<std::uint8_t>(1 + random.below(2)),
         .flags = percent(random, 20) ? TargetFlags(TargetFlag::retain) : TargetFlags{},
         .identifiers = std::span(identifiers).first(random.below(4))});
  }
  Publish publish{.publisher = session(random, client),
                  .qos = 1,
                  .topic = topic,
                  .properties = as_bytes("props").first(random.below(6)),
                  .payload = as_bytes(payload),
                  .targets = targets};
  if (percent(random, 25)) {
    publish.expiry = Duration::milliseconds(static_cast<std::int64_t>(random.below(4'000)));
  }
  if (percent(random, 2)) publish.expiry = Duration{INT64_MAX - 1};
  if (percent(random, 45)) {
    publish.qos = 2;
    publish.packet_id = static_cast<std::uint16_t>(1 + random.below(4));
  }
  if (percent(random, 25)) publish.flags |= PublishFlag::retain;
  if (percent(random, 5)) {
    publish = {.publisher = percent(random, 50) ? SessionNumber() : publish.publisher,
               .flags = PublishFlag::retain,
               .topic = topic,
               .payload = as_bytes(payload)};
  }
  batch.publish(publish);
}

// Of one that was listed, once more or for the first time; or of whoever.
void StreamsWorkload::add_will(Random& random, const Client& client, BatchWriter& batch) {
  SessionNumber of = session(random, client);
  TenantId listed = client.tenant;
  if (!wills_.empty() && percent(random, 60)) {
    const KnownWill& will = wills_.at(random.below(wills_.size()));
    of = will.session;
    listed = will.tenant;
  }
  if (listed != client.tenant) return add_publish(random, client, batch);
  const Target target{.session = session(random, client), .qos = 1};
  batch.publish({.publisher = of,
                 .qos = 1,
                 .flags = percent(random, 30)
                              ? PublishFlags(PublishFlag::will) | PublishFlag::retain
                              : PublishFlags(PublishFlag::will),
                 .topic = "will/0",
                 .payload = as_bytes("gone"),
                 .targets = std::span(&target, percent(random, 60) ? 1 : 0)});
}

// --- queries -----------------------------------------------------------------------------------

Ask StreamsWorkload::list_wills(TenantId tenant) {
  return {.is_query = true,
          .tenant = tenant,
          .principal = PrincipalId(5),
          .type = kListWills.value(),
          .payload = bytes_of(object_bytes(ListWills{.budget_bytes = kWillsBudget}))};
}

Ask StreamsWorkload::query(Random& random, Timestamp) {
  const TenantId of = tenant(random);
  const SessionNumber number = session(random, one(random, of));
  Ask made{.is_query = true, .tenant = of, .principal = PrincipalId(5 + random.below(2))};
  if (percent(random, 1)) made.principal = kStranger;
  const auto set = [&made](kernel::QueryType type, ByteView payload) {
    made.type = type.value();
    made.payload = bytes_of(payload);
  };
  switch (random.below(8)) {
    case 0:
      set(kListSessions, object_bytes(ListSessions{.budget_bytes = budget_of(random)}));
      break;
    case 1:
      set(kListSubscriptions,
          object_bytes(ListSubscriptions{.session = percent(random, 50) ? number : SessionNumber(),
                                         .budget_bytes = budget_of(random)}));
      break;
    case 2:
    case 3:
      set(kListEntries,
          object_bytes(ListEntries{
              .session = number,
              .limit = static_cast<std::uint32_t>(random.below(6)),
              .budget_bytes = budget_of(random),
              .content = percent(random, 70) ? EntryContent::messages : EntryContent::terms}));
      break;
    case 4:
      set(kListInbound, object_bytes(ListInbound{.session = number}));
      break;
    case 5: {
      const std::string filter = filter_of(random);
      set(kFindRetained,
          object_bytes(FindRetained{.budget_bytes = budget_of(random),
                                    .filter_bytes = static_cast<std::uint16_t>(filter.size())}));
      append(made.payload, as_bytes(filter));
      break;
    }
    case 6:
      set(kListWills, object_bytes(ListWills{.budget_bytes = budget_of(random)}));
      break;
    default:
      set(kStatistics, {});
  }
  if (percent(random, 2)) made.payload.push_back(std::byte{7});
  return made;
}

std::optional<Ask> StreamsWorkload::next_page(const Ask& query, const Bytes& reply) {
  Ask next = query;
  const auto go_on = [&next](const auto& payload) {
    std::ranges::copy(object_bytes(payload), next.payload.begin());
    return next;
  };
  const kernel::QueryType type(query.type);
  if (type == kListSessions) {
    const auto row = last_row<SessionRow>(reply);
    if (!row) return std::nullopt;
    auto payload = ByteReader(query.payload).read_object<ListSessions>().value();
    payload.after = row->head.number;
    return go_on(payload);
  }
  if (type == kListSubscriptions) {
    const auto row = last_row<SubscriptionRow>(reply);
    if (!row) return std::nullopt;
    auto payload = ByteReader(query.payload).read_object<ListSubscriptions>().value();
    payload.after = row->head.cursor;
    return go_on(payload);
  }
  if (type == kListEntries) {
    const auto row = last_row<EntryRow>(reply);
    if (!row) return std::nullopt;
    auto payload = ByteReader(query.payload).read_object<ListEntries>().value();
    payload.after = row->head.number;
    return go_on(payload);
  }
  if (type == kListWills) {
    const auto row = last_row<WillRow>(reply);
    if (!row) return std::nullopt;
    auto payload = ByteReader(query.payload).read_object<ListWills>().value();
    payload.after = row->head.session;
    return go_on(payload);
  }
  if (type != kFindRetained) return std::nullopt;
  const auto page = RetainedPage::read(reply);
  if (!page.ok() || !page->more()) return std::nullopt;
  auto payload = ByteReader(query.payload).read_object<FindRetained>().value();
  payload.after = page->cursor();
  return go_on(payload);
}

// --- what clients and brokers are told -----------------------------------------------------------

void StreamsWorkload::answered(const Ask& ask, const Bytes& reply) {
  if (!ask.is_query) return learn(ask, reply);
  if (kernel::QueryType(ask.type) != kListWills) return;
  auto page = WillPage::read(reply);
  if (!page.ok()) return;
  wills_.clear();
  while (page->has_row()) {
    const auto row = page->next();
    if (!row.ok()) return;
    const KnownWill will{
        .tenant = ask.tenant, .session = row->head.session, .due_at = row->head.due_at};
    wills_.push_back(will);
    if (to_list_ && !done_.contains(will.session.value())) due_.push_back(will);
  }
}

void StreamsWorkload::learn(const Ask& ask, const Bytes& reply) {
  auto results = BatchReply::read(reply);
  BatchReader ops(ask.payload);
  const auto client_of = [&](auto&& is_it) -> Client* {
    for (Client& client : clients_[ask.tenant]) {
      if (is_it(client)) return &client;
    }
    return nullptr;
  };
  while (results.ok() && results->has_result() && !ops.done()) {
    const auto result = results->next_result();
    const auto op = ops.next();
    if (!result.ok() || !op.ok() || result->code != OpCode::done) continue;
    if (op->kind == OpKind::open) {
      const Opened opened = opened_of(*result);
      const std::string_view id = read_open(*op).value().client_id;
      Client* client = client_of([&](const Client& one) { return one.id == id; });
      if (client == nullptr) continue;
      if (!opened.present) client->entries.clear();
      client->session = opened.session;
      client->epoch = opened.epoch;
      last_session_ = std::max(last_session_, opened.session.value());
    } else if (op->kind == OpKind::publish) {
      std::size_t index = 0;
      for (Targets targets(read_publish(*op).value().targets); !targets.done(); ++index) {
        const SessionNumber to = targets.next().head.session;
        const EntryNumber entry = result->entry(index);
        Client* client = client_of([to](const Client& one) { return one.session == to; });
        if (client == nullptr || entry >= kTargetFull) continue;
        client->entries.push_back(entry);
        if (client->entries.size() > kKnownEntries) client->entries.pop_front();
      }
    }
  }
}

std::optional<Ask> StreamsWorkload::duty(Random&, Timestamp) {
  if (!to_list_) {
    to_list_.emplace();
    for (std::uint32_t tenant = 1; tenant <= plan_.streams.tenants; ++tenant) {
      to_list_->insert(TenantId(tenant));
    }
  }
  while (!due_.empty()) {
    const KnownWill will = due_.front();
    due_.pop_front();
    if (will.due_at.is_never()) continue;  // its client is connected
    done_.insert(will.session.value());
    BatchWriter batch;
    batch.publish({.publisher = will.session,
                   .qos = 1,
                   .flags = PublishFlag::will,
                   .topic = "will/duty",
                   .payload = as_bytes("gone")});
    return Ask{.tenant = will.tenant,
               .principal = PrincipalId(5),
               .id = CommandId(kFirstCommand + ++last_command_),
               .type = kBatch.value(),
               .payload = bytes_of(batch.bytes())};
  }
  if (to_list_->empty()) return std::nullopt;
  const TenantId next = *to_list_->begin();
  to_list_->erase(to_list_->begin());
  return list_wills(next);
}

}  // namespace keel::torture
