// A cell with the streams module under power cuts and failing writes, its messages on disk: a
// message of QoS 2 that was acknowledged is in the queue exactly once, whatever was repeated under
// whatever command id; entries keep their numbers and their messages; a will is published once; and
// the state after a restart is the state that the journal says.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/testing/crash_rig.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "modules/streams/streams.hpp"

namespace keel::engine::test {
namespace {

using namespace keel::streams;  // the whole file is about it
using runtime::Task;

constexpr std::uint64_t kMessages = 40;
constexpr int kPublishers = 3;
constexpr std::uint64_t kSeeds = 20;

Modules make_streams(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<Streams>(
      undo, seed, StreamsOptions{.session_entries = 1'000, .session_bytes = 1 << 20}));
  return modules;
}

// What the world outside knows, whatever happens to the machine.
struct Outside : Load {
  std::uint64_t next_command = 1;
  std::map<std::uint64_t, std::string> seen;  // by the receiver: what an entry's number stood for
  std::array<std::uint64_t, kPublishers> acknowledged{};
  std::uint64_t repeated = 0;
  SessionNumber gone{};  // a client that has gone for good, with a will
  bool will_published = false;
};

// Asks until there is an answer, under a new command id each time, as a broker does that knows of
// nothing after a restart. Empty: called off.
Task<Bytes> persist(CellClient* client, const BatchWriter* batch, Outside* outside) {
  while (!outside->stop) {
    const kernel::Command command{.tenant = TenantId(1),
                                  .principal = PrincipalId(5),
                                  .id = CommandId(outside->next_command++),
                                  .type = kBatch,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = batch->bytes()};
    Result<Answer> answer = co_await client->submit(command, {});
    if (answer.ok()) co_return std::move(answer->payload);
    static_cast<void>(
        co_await client->core().sleep_until(client->core().now() + Duration::milliseconds(20), {}));
  }
  co_return Bytes();
}

Task<std::optional<OpResult>> one(CellClient* client, const BatchWriter* batch, Outside* outside,
                                  Bytes* reply) {
  *reply = co_await persist(client, batch, outside);
  if (reply->empty()) co_return std::nullopt;
  co_return BatchReply::read(*reply)->next_result().value();
}

Task<SessionNumber> open(CellClient* client, std::string client_id, Outside* outside) {
  const Will will{.topic = "will", .payload = as_bytes("gone"), .qos = 1};
  BatchWriter batch;
  batch.open({.client_id = client_id, .expiry_s = kNeverExpires, .will = &will});
  Bytes reply;
  const auto result = co_await one(client, &batch, outside, &reply);
  co_return result.has_value() ? opened_of(*result).session : SessionNumber();
}

// Long enough that the first ones are let go while the last ones come.
constexpr std::size_t kMessageBytes = 8'000;
std::string text_of(int publisher, std::uint64_t message) {
  return std::to_string(publisher) + ":" + std::to_string(message) + ":" +
         std::string(kMessageBytes, 'm');
}

// Sends its messages in order, each until it is acknowledged, then forgotten; the last one it sent
// before a crash comes again.
Task<> publish_all(CellClient* client, int publisher, Outside* outside) {
  const SessionNumber to = co_await open(client, "receiver", outside);
  const SessionNumber from =
      co_await open(client, "publisher-" + std::to_string(publisher), outside);
  const std::array targets{Target{.session = to, .qos = 2}};
  std::uint64_t& acknowledged = outside->acknowledged[static_cast<std::size_t>(publisher)];
  // PUBREL of the last one, which may have been lost.
  BatchWriter batch;
  Bytes reply;
  const auto forget = [&batch, from](std::uint64_t message) {
    batch.clear();
    batch.forget(from, static_cast<std::uint16_t>(message));
  };
  if (acknowledged > 0) {
    forget(acknowledged);
    static_cast<void>(co_await one(client, &batch, outside, &reply));
  }
  while (acknowledged < kMessages && !outside->stop) {
    const std::uint64_t message = acknowledged + 1;
    const std::string payload = text_of(publisher, message);
    const std::string topic = "last/" + std::to_string(publisher);
    batch.clear();
    batch.publish({.publisher = from,
                   .qos = 2,
                   .flags = PublishFlag::retain,
                   .packet_id = static_cast<std::uint16_t>(message),
                   .topic = topic,
                   .payload = as_bytes(payload),
                   .targets = targets});
    const auto published = co_await one(client, &batch, outside, &reply);
    if (!published.has_value()) break;
    EXPECT_TRUE(published->code == OpCode::done || published->code == OpCode::repeated);
    outside->repeated += published->code == OpCode::repeated ? 1 : 0;
    acknowledged = message;
    forget(message);
    if (!(co_await one(client, &batch, outside, &reply)).has_value()) break;
  }
  --outside->clients;
}

Task<Bytes> entries_of(CellClient* client, SessionNumber session, EntryNumber after) {
  const ListEntries body{.session = session,
                         .after = after,
                         .limit = 7,
                         .budget_bytes = 0,
                         .content = EntryContent::messages};
  const kernel::Query query{.tenant = TenantId(1),
                            .principal = PrincipalId(5),
                            .type = kListEntries,
                            .payload = object_bytes(body)};
  Result<Answer> answer = co_await client->query(query, {});
  co_return answer.ok() ? std::move(answer->payload) : Bytes();
}

// Notes what stands under each number, and finishes it.
Task<bool> receive_page(CellClient* client, SessionNumber session, Outside* outside) {
  const Bytes bytes = co_await entries_of(client, session, {});
  if (bytes.empty()) co_return false;
  EntryPage page = EntryPage::read(bytes).value();
  BatchWriter batch;
  while (page.has_row()) {
    const EntryRow row = page.next().value();
    const std::string payload(as_text(row.message.payload));
    const auto [known, is_new] = outside->seen.emplace(row.head.number.value(), payload);
    EXPECT_EQ(known->second, payload) << "entry " << row.head.number.value();
    batch.finish(session, row.head.number);
  }
  if (batch.empty()) co_return false;
  co_return !(co_await persist(client, &batch, outside)).empty();
}

Task<> receive_some(CellClient* client, Outside* outside) {
  const SessionNumber session = co_await open(client, "receiver", outside);
  for (int pages = 0; pages < 6 && !outside->stop; ++pages) {
    static_cast<void>(co_await receive_page(client, session, outside));
    static_cast<void>(
        co_await client->core().sleep_until(client->core().now() + Duration::milliseconds(3), {}));
  }
  --outside->clients;
}

// Of a client that is gone for good: its will goes to the receiver, once.
Task<> publish_will(CellClient* client, Outside* outside) {
  const SessionNumber to = co_await open(client, "receiver", outside);
  BatchWriter batch;
  Bytes reply;
  if (outside->gone.is_zero()) {
    const SessionNumber gone = co_await open(client, "gone", outside);
    batch.close({.session = gone});
    const auto closed = co_await one(client, &batch, outside, &reply);
    if (closed.has_value()) outside->gone = gone;
  }
  if (!outside->gone.is_zero() && !outside->will_published) {
    const std::array targets{Target{.session = to, .qos = 1}};
    batch.clear();
    batch.publish({.publisher = outside->gone,
                   .qos = 1,
                   .flags = PublishFlag::will,
                   .topic = "will",
                   .payload = as_bytes("gone"),
                   .targets = targets});
    const auto published = co_await one(client, &batch, outside, &reply);
    outside->will_published = published.has_value();
  }
  --outside->clients;
}

Task<> receive_all(CellClient* client, Outside* outside, bool* done) {
  const SessionNumber session = co_await open(client, "receiver", outside);
  while (co_await receive_page(client, session, outside)) continue;
  *done = true;
}

Task<> ask_statistics(CellClient* client, streams::Statistics* to, bool* done) {
  const kernel::Query query{
      .tenant = TenantId(1), .principal = PrincipalId(5), .type = kStatistics, .payload = {}};
  const Result<Answer> answer = co_await client->query(query, {});
  if (answer.ok()) *to = read_statistics(answer->payload).value();
  *done = true;
}

// What all seeds together have met with; a campaign that met with nothing proves nothing.
struct Met {
  std::uint64_t seeds = 0;
  std::uint64_t repeated = 0;
  CrashRig::Met rig;
};

class StreamsCrashTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  static void TearDownTestSuite() {
    std::printf("repeated %lu, snapshots used %lu, cold rows %lu\n", met.repeated,
                met.rig.snapshots_used, met.rig.cold_rows);
    if (met.seeds != kSeeds) return;
    EXPECT_GT(met.repeated, 0u);
    EXPECT_GT(met.rig.snapshots_used, 0u);
    EXPECT_GT(met.rig.cold_rows, 0u);
  }
  void TearDown() override {
    ++met.seeds;
    met.repeated += outside_.repeated;
    met.rig.add(rig_.met());
  }

  void start_clients() {
    outside_.clients = kPublishers + 2;
    for (int publisher = 0; publisher < kPublishers; ++publisher) {
      rig_.machine.start(1, publish_all, rig_.client(), publisher, &outside_);
    }
    rig_.machine.start(1, receive_some, rig_.client(), &outside_);
    rig_.machine.start(1, publish_will, rig_.client(), &outside_);
  }
  // Nobody waits for anything: what is left is less than a segment.
  void check_let_go() {
    streams::Statistics statistics;
    rig_.run(ask_statistics, &statistics);
    EXPECT_EQ(statistics.entries, 0u);
    EXPECT_EQ(statistics.inbound, 0u);
    EXPECT_EQ(statistics.retained, static_cast<std::uint64_t>(kPublishers));
    EXPECT_LT(statistics.message_bytes, kPublishers * kMessages * kMessageBytes * 3 / 5);
  }
  // Every message under one number, those of a publisher in order; the will once.
  void check_received() const {
    std::multiset<std::string> received;
    std::array<std::uint64_t, kPublishers> last{};
    for (const auto& [number, payload] : outside_.seen) {
      received.insert(payload);
      for (int publisher = 0; publisher < kPublishers; ++publisher) {
        std::uint64_t& before = last[static_cast<std::size_t>(publisher)];
        if (payload == text_of(publisher, before + 1)) ++before;
      }
    }
    EXPECT_EQ(received.count("gone"), 1u);
    EXPECT_EQ(received.size(), kPublishers * kMessages + 1);
    for (int publisher = 0; publisher < kPublishers; ++publisher) {
      EXPECT_EQ(last[static_cast<std::size_t>(publisher)], kMessages) << publisher;
    }
  }

  CrashRig rig_{GetParam(), make_streams, 4'096};
  Outside outside_;
  static inline Met met;
};

TEST_P(StreamsCrashTest, what_was_acknowledged_is_received_exactly_once) {
  rig_.survive_cuts(4, 80, outside_, [this] { start_clients(); });
  ASSERT_TRUE(rig_.start());
  outside_.stop = false;
  start_clients();
  rig_.wait_for(outside_);
  rig_.run(receive_all, &outside_);
  check_received();
  check_let_go();

  rig_.check_a_restart(outside_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StreamsCrashTest, testing::Range<std::uint64_t>(1, kSeeds + 1));

}  // namespace
}  // namespace keel::engine::test
