#include "modules/streams/testing/streams_kit.hpp"

namespace keel::streams::testing {
namespace {

std::string text_of(ByteView bytes) {
  return std::string(as_text(bytes));
}

std::vector<std::uint32_t> identifiers_of(ByteView bytes) {
  std::vector<std::uint32_t> all;
  for (ByteReader reader(bytes); !reader.empty();) {
    all.push_back(reader.read<std::uint32_t>().value());
  }
  return all;
}

template <typename Head>
ModelMessage message_of(const Head& head, const MessageView& message) {
  ModelMessage to{.topic = std::string(message.topic),
                  .properties = text_of(message.properties),
                  .payload = text_of(message.payload)};
  if constexpr (requires { head.published; }) {
    to.publisher = head.publisher;
    to.published = head.published;
    to.expires_at = head.expires_at;
  }
  to.qos = head.qos;
  return to;
}

}  // namespace

StreamsKit::StreamsKit(const StreamsOptions& options, std::size_t check_every)
    : harness(
          [options](kernel::UndoLog& undo, kernel::HashSeed seed) {
            kernel::testing::Modules modules;
            modules.push_back(std::make_unique<Streams>(undo, seed, options));
            return modules;
          },
          {.check_every = check_every}) {}

Outcome StreamsKit::run(BatchWriter& batch) {
  auto decided = harness.when(kBatch, batch.bytes());
  const std::size_t ops = batch.ops();
  batch.clear();
  EXPECT_FALSE(decided.error.has_value()) << decided.error->to_string();
  Outcome outcome{.results = {}, .dropped = {}, .events = std::move(decided.events)};
  if (decided.error) return outcome;
  BatchReply reply = BatchReply::read(decided.reply).value();
  while (reply.has_result()) {
    const OpResult result = reply.next_result().value();
    ModelResult& to = outcome.results.emplace_back(ModelResult{.code = result.code, .numbers = {}});
    for (std::size_t i = 0; i < result.numbers.size(); ++i) {
      to.numbers.push_back(result.numbers[i]);
    }
  }
  while (reply.has_dropped()) outcome.dropped.push_back(reply.next_dropped().value());
  EXPECT_EQ(outcome.results.size(), ops);
  return outcome;
}

ModelResult StreamsKit::one(BatchWriter& batch) {
  return run(batch).results.at(0);
}

Opened StreamsKit::open(std::string_view client_id, std::uint32_t expiry_s, bool clean_start,
                        const Will* will) {
  BatchWriter batch;
  batch.open(
      {.client_id = client_id, .clean_start = clean_start, .expiry_s = expiry_s, .will = will});
  const ModelResult result = one(batch);
  EXPECT_EQ(result.code, OpCode::done);
  return {.session = SessionNumber(result.numbers.at(0)),
          .epoch = result.numbers.at(1),
          .present = result.numbers.at(2) != 0,
          .will_of = SessionNumber(result.numbers.at(3))};
}

OpCode StreamsKit::close(SessionNumber session, CloseFlags flags, std::uint32_t expiry_s) {
  BatchWriter batch;
  batch.close({.session = session, .epoch = 0, .expiry_s = expiry_s, .flags = flags});
  return one(batch).code;
}

EntryNumber StreamsKit::publish(SessionNumber to, std::string_view topic, std::string_view payload,
                                std::uint8_t qos, Duration expiry) {
  const std::array targets{Target{.session = to, .qos = qos}};
  BatchWriter batch;
  batch.publish({.qos = qos,
                 .expiry = expiry,
                 .topic = topic,
                 .payload = as_bytes(payload),
                 .targets = targets});
  const ModelResult result = one(batch);
  EXPECT_EQ(result.code, OpCode::done);
  return EntryNumber(result.numbers.at(0));
}

OpCode StreamsKit::finish(SessionNumber session, EntryNumber entry) {
  BatchWriter batch;
  batch.finish(session, entry);
  return one(batch).code;
}

OpCode StreamsKit::release(SessionNumber session, EntryNumber entry) {
  BatchWriter batch;
  batch.release(session, entry);
  return one(batch).code;
}

OpCode StreamsKit::subscribe(SessionNumber session, std::string_view filter, std::uint8_t options) {
  BatchWriter batch;
  batch.subscribe({.session = session, .filter = filter, .options = options});
  return one(batch).code;
}

void StreamsKit::retain(std::string_view topic, std::string_view payload, Duration expiry) {
  BatchWriter batch;
  batch.publish({.qos = 0,
                 .flags = PublishFlag::retain,
                 .expiry = expiry,
                 .topic = topic,
                 .payload = as_bytes(payload)});
  EXPECT_EQ(one(batch).code, OpCode::done);
}

std::size_t StreamsKit::expire(std::size_t limit) {
  std::size_t events = 0;
  for (;;) {
    expired_at_ = harness.now();
    const std::size_t now = harness.when_due(limit).events.size();
    if (now == 0) return events;
    events += now;
  }
}

template <typename Query>
Bytes StreamsKit::ask(kernel::QueryType type, const Query& query) const {
  return harness.query(type, object_bytes(query)).value();
}

std::vector<HeldSession> StreamsKit::sessions(std::uint32_t budget) const {
  std::vector<HeldSession> all;
  for (ListSessions query{.budget_bytes = budget};;) {
    const Bytes reply = ask(kListSessions, query);
    SessionPage page = SessionPage::read(reply).value();
    while (page.has_row()) {
      const SessionRow row = page.next().value();
      all.push_back({.head = row.head, .client_id = std::string(row.client_id)});
      query.after = row.head.number;
    }
    if (!page.more()) return all;
  }
}

std::map<std::string, ModelSubscription> StreamsKit::subscriptions(SessionNumber session,
                                                                   std::uint32_t budget) const {
  std::map<std::string, ModelSubscription> all;
  for (ListSubscriptions query{.session = session, .budget_bytes = budget};;) {
    const Bytes reply = ask(kListSubscriptions, query);
    SubscriptionPage page = SubscriptionPage::read(reply).value();
    while (page.has_row()) {
      const SubscriptionRow row = page.next().value();
      all[std::string(row.filter)] = {.options = row.head.options,
                                      .identifier = row.head.identifier};
      query.after = row.head.cursor;
    }
    if (!page.more()) return all;
  }
}

std::map<std::uint64_t, ModelEntry> StreamsKit::entries(SessionNumber session,
                                                        std::uint32_t budget) const {
  std::map<std::uint64_t, ModelEntry> all;
  for (ListEntries query{
           .session = session, .budget_bytes = budget, .content = EntryContent::messages};
       ;) {
    const Bytes reply = ask(kListEntries, query);
    EntryPage page = EntryPage::read(reply).value();
    while (page.has_row()) {
      const EntryRow row = page.next().value();
      ModelEntry& entry = all[row.head.number.value()];
      entry = {.message = message_of(row.head, row.message),
               .expires_at = row.head.expires_at,
               .qos = row.head.qos,
               .stage = row.head.stage,
               .retain = row.head.flags.has(TargetFlag::retain),
               .identifiers = identifiers_of(row.identifiers)};
      query.after = row.head.number;
    }
    if (!page.more()) return all;
  }
}

std::set<std::uint16_t> StreamsKit::inbound(SessionNumber session) const {
  const auto ids = read_inbound(ask(kListInbound, ListInbound{.session = session})).value();
  return {ids.begin(), ids.end()};
}

std::map<std::uint64_t, ModelWill> StreamsKit::wills(std::uint32_t budget) const {
  std::map<std::uint64_t, ModelWill> all;
  for (ListWills query{.budget_bytes = budget};;) {
    const Bytes reply = ask(kListWills, query);
    WillPage page = WillPage::read(reply).value();
    while (page.has_row()) {
      const WillRow row = page.next().value();
      all[row.head.session.value()] = {.message = message_of(row.head, row.message),
                                       .retain = row.head.retain != 0,
                                       .delay_s = row.head.delay_s,
                                       .due_at = row.head.due_at};
      query.after = row.head.session;
    }
    if (!page.more()) return all;
  }
}

std::map<std::string, ModelMessage> StreamsKit::retained(std::string_view filter,
                                                         std::uint32_t budget) const {
  std::map<std::string, ModelMessage> all;
  FindRetained query{.budget_bytes = budget,
                     .filter_bytes = static_cast<std::uint16_t>(filter.size())};
  for (;;) {
    Bytes payload;
    append(payload, object_bytes(query));
    append(payload, as_bytes(filter));
    const Bytes reply = harness.query(kFindRetained, payload).value();
    RetainedPage page = RetainedPage::read(reply).value();
    while (page.has_row()) {
      const RetainedRow row = page.next().value();
      const ModelMessage message = message_of(row.head, row.message);
      EXPECT_FALSE(all.contains(message.topic)) << message.topic << " is given twice";
      all[message.topic] = message;
    }
    if (!page.more()) return all;
    query.after = page.cursor();
  }
}

Statistics StreamsKit::statistics() const {
  return read_statistics(harness.query(kStatistics, {}).value()).value();
}

// --- named streams ---

LogCode StreamsKit::put_stream(const std::string& name, const StreamTerms& terms) {
  return say(PutStream{.name = name, .terms = terms}).code;
}

LogCode StreamsKit::put_consumer(const std::string& stream, const std::string& name,
                                 const ConsumerTerms& terms) {
  return say(PutConsumer{.stream = stream, .name = name, .terms = terms}).code;
}

StreamsKit::Appended StreamsKit::add(std::string_view topic, std::string_view payload,
                                     const ToStream* to_stream) {
  BatchWriter batch;
  batch.publish({.qos = 1, .topic = topic, .payload = as_bytes(payload), .to_stream = to_stream});
  const ModelResult result = one(batch);
  return {.code = result.code,
          .sequence = result.numbers.size() == 2 ? result.numbers[1] : Sequence{}};
}

StreamView StreamsKit::stream(const std::string& name) const {
  const auto answer = look(GetStream{.name = name});
  EXPECT_TRUE(answer.found) << name;
  return answer.stream;
}

ConsumerView StreamsKit::consumer(const std::string& stream, const std::string& name) const {
  const auto answer = look(GetConsumer{.stream = stream, .name = name});
  EXPECT_TRUE(answer.found) << name;
  return answer.consumer;
}

std::map<Sequence, StoredMessageView> StreamsKit::stored(const std::string& stream,
                                                         std::uint32_t limit) const {
  std::map<Sequence, StoredMessageView> all;
  for (ReadMessages query{.stream = stream, .limit = limit};;) {
    const auto answer = look(query);
    for (const StoredMessageView& message : answer.messages) all[message.sequence] = message;
    if (answer.next > answer.last) return all;
    EXPECT_GT(answer.next, query.from);
    query.from = answer.next;
  }
}

std::vector<Delivery> StreamsKit::fetch(const std::string& stream, const std::string& consumer,
                                        std::uint32_t most, std::uint64_t bytes) {
  const Said said =
      say(Fetch{.stream = stream, .consumer = consumer, .max_messages = most, .max_bytes = bytes});
  EXPECT_EQ(said.code, LogCode::done);
  return said.code == LogCode::done ? decode<Fetch::Answer>(said.reply).value().messages
                                    : std::vector<Delivery>{};
}

LogCode StreamsKit::acknowledge(const std::string& stream, const std::string& consumer,
                                std::vector<Ack> acks) {
  return say(Acknowledge{.stream = stream, .consumer = consumer, .acks = std::move(acks)}).code;
}

}  // namespace keel::streams::testing
