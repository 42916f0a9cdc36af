// A cell with a named stream and a consumer under power cuts and failing writes, its messages on
// disk: what was acknowledged to a publisher stands in the stream once, at the sequence that it was
// told; what a consumer has acknowledged never comes to it again, and all else does, no sooner than
// its terms say; and the state after a restart is the state that the journal says.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/describe/wire.hpp"
#include "engine/testing/crash_rig.hpp"
#include "modules/streams/log/queries.hpp"
#include "modules/streams/payload/batch_writer.hpp"
#include "modules/streams/payload/reply_reader.hpp"
#include "modules/streams/streams.hpp"

namespace keel::engine::test {
namespace {

using namespace keel::streams;  // the whole file is about it
using runtime::Task;

constexpr std::uint64_t kMessages = 60;
constexpr int kPublishers = 2;
constexpr std::uint64_t kSeeds = 15;
constexpr Duration kAckWait = Duration::milliseconds(300);
constexpr std::size_t kMessageBytes = 3'000;

Modules make_streams(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<Streams>(undo, seed, StreamsOptions{}));
  return modules;
}

// What the world outside knows, whatever happens to the machine.
struct Outside : Load {
  std::uint64_t next_command = 1;
  std::map<Sequence, std::string> appended;  // as the publishers were told
  std::array<std::uint64_t, kPublishers> next{};
  std::set<Sequence> acknowledged;  // the consumer was told that it is
  std::set<Sequence> asked;         // or may be
  std::map<Sequence, Timestamp> given;
  std::uint64_t repeated = 0;
};

// Asked until there is an answer, under one id: once. Empty: called off.
Task<std::optional<Answer>> persist(CellClient* client, kernel::CommandType type, Bytes payload,
                                    Outside* outside) {
  const CommandId id(outside->next_command++);
  while (!outside->stop) {
    const kernel::Command command{.tenant = TenantId(1),
                                  .principal = PrincipalId(5),
                                  .id = id,
                                  .type = type,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    Result<Answer> answer = co_await client->submit(command, {});
    if (answer.ok()) co_return std::move(*answer);
    static_cast<void>(
        co_await client->core().sleep_until(client->core().now() + Duration::milliseconds(20), {}));
  }
  co_return std::nullopt;
}

template <typename Asked>
Bytes encoded(const Asked& asked) {
  Bytes payload;
  encode(asked, payload);
  return payload;
}

template <typename Asked>
Task<std::optional<typename Asked::Answer>> ask(CellClient* client, Asked asked) {
  const Bytes payload = encoded(asked);
  const kernel::Query query{
      .tenant = TenantId(1), .principal = PrincipalId(5), .type = Asked::kType, .payload = payload};
  const Result<Answer> answer = co_await client->query(query, {});
  if (!answer.ok()) co_return std::nullopt;
  co_return decode<typename Asked::Answer>(answer->payload).value();
}

std::string text_of(int publisher, std::uint64_t message) {
  return std::to_string(publisher) + ":" + std::to_string(message) + ":" +
         std::string(kMessageBytes, 'm');
}

// Of one that is unknown after a crash only so much is asked: that it does not stand there twice.
Task<> publish_all(CellClient* client, int publisher, Outside* outside) {
  std::uint64_t& next = outside->next[static_cast<std::size_t>(publisher)];
  while (next < kMessages && !outside->stop) {
    const std::string payload = text_of(publisher, next);
    BatchWriter batch;
    batch.publish(
        {.qos = 1, .topic = "load/" + std::to_string(publisher), .payload = as_bytes(payload)});
    const auto answer = co_await persist(
        client, kBatch, Bytes(batch.bytes().begin(), batch.bytes().end()), outside);
    ++next;  // known or not, it is not sent again
    if (!answer.has_value()) break;
    const OpResult result = BatchReply::read(answer->payload)->next_result().value();
    EXPECT_EQ(result.code, OpCode::done);
    outside->appended[result.numbers[1]] = payload;
  }
  --outside->clients;
}

Task<bool> consume_some(CellClient* client, Outside* outside) {
  const std::set<Sequence> before = outside->acknowledged;
  const auto fetched =
      co_await persist(client, Fetch::kType,
                       encoded(Fetch{.stream = "s", .consumer = "c", .max_messages = 9}), outside);
  if (!fetched.has_value() || fetched->code != 0) co_return false;
  const auto answer = decode<Fetch::Answer>(fetched->payload).value();
  Acknowledge acknowledge{.stream = "s", .consumer = "c", .acks = {}};
  for (const Delivery& one : answer.messages) {
    EXPECT_FALSE(before.contains(one.sequence)) << one.sequence << " was acknowledged";
    const auto last = outside->given.find(one.sequence);
    if (last != outside->given.end()) {
      ++outside->repeated;
      EXPECT_GE(fetched->time - last->second, kAckWait) << one.sequence << " came too soon";
      EXPECT_GT(one.deliveries, 1u);
    }
    outside->given[one.sequence] = fetched->time;
    if ((one.sequence + one.deliveries) % 3 == 0) continue;  // is left to come again
    acknowledge.acks.push_back({.sequence = one.sequence});
    outside->asked.insert(one.sequence);
  }
  if (acknowledge.acks.empty()) co_return true;
  const auto done = co_await persist(client, Acknowledge::kType, encoded(acknowledge), outside);
  if (!done.has_value()) co_return false;
  for (const Ack& ack : acknowledge.acks) outside->acknowledged.insert(ack.sequence);
  co_return true;
}

Task<> consume(CellClient* client, Outside* outside) {
  for (int rounds = 0; rounds < 40 && !outside->stop; ++rounds) {
    static_cast<void>(co_await consume_some(client, outside));
    static_cast<void>(
        co_await client->core().sleep_until(client->core().now() + Duration::milliseconds(9), {}));
  }
  --outside->clients;
}

Task<> set_up(CellClient* client, Outside* outside) {
  static_cast<void>(
      co_await persist(client, PutStream::kType,
                       encoded(PutStream{.name = "s", .terms = {.filters = {"load/#"}}}), outside));
  static_cast<void>(co_await persist(
      client, PutConsumer::kType,
      encoded(PutConsumer{
          .stream = "s",
          .name = "c",
          .terms = {.ack_wait_ms = static_cast<std::uint64_t>(kAckWait.ns / 1'000'000)}}),
      outside));
  --outside->clients;
}

// Until nothing is pending and nothing waits.
Task<> consume_all(CellClient* client, Outside* outside, bool* done) {
  bool is_left = true;
  for (int rounds = 0; is_left && rounds < 500; ++rounds) {
    static_cast<void>(co_await consume_some(client, outside));
    const auto view = co_await ask(client, GetConsumer{.stream = "s", .name = "c"});
    is_left = !view || view->consumer.ack_pending > 0 || view->consumer.waiting > 0;
    static_cast<void>(co_await client->core().sleep_until(client->core().now() + kAckWait, {}));
  }
  EXPECT_FALSE(is_left);
  *done = true;
}

Task<> read_all(CellClient* client, std::map<Sequence, std::string>* to, bool* done) {
  Sequence from = 1;
  for (;;) {
    const auto page = co_await ask(client, ReadMessages{.stream = "s", .from = from, .limit = 7});
    if (!page || !page->found) break;
    for (const StoredMessageView& one : page->messages) {
      (*to)[one.sequence] = std::string(as_text(one.payload));
    }
    from = page->next;
    if (from > page->last) break;
  }
  *done = true;
}

// A campaign that met with nothing proves nothing.
struct Met {
  std::uint64_t seeds = 0;
  std::uint64_t repeated = 0;
  CrashRig::Met rig;
};

class NamedStreamsCrashTest : public testing::TestWithParam<std::uint64_t> {
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
    outside_.clients = kPublishers + 1;
    for (int publisher = 0; publisher < kPublishers; ++publisher) {
      rig_.machine.start(1, publish_all, rig_.client(), publisher, &outside_);
    }
    rig_.machine.start(1, consume, rig_.client(), &outside_);
  }
  CrashRig rig_{GetParam(), make_streams, 4'096};
  Outside outside_;
  static inline Met met;
};

TEST_P(NamedStreamsCrashTest, what_was_acknowledged_stays_so) {
  ASSERT_TRUE(rig_.start());
  outside_.clients = 1;
  rig_.machine.start(1, set_up, rig_.client(), &outside_);
  rig_.wait_for(outside_);
  rig_.stop(outside_);
  rig_.survive_cuts(4, 80, outside_, [this] { start_clients(); });
  ASSERT_TRUE(rig_.start());
  outside_.stop = false;
  start_clients();
  rig_.wait_for(outside_);
  rig_.run(consume_all, &outside_);
  std::map<Sequence, std::string> stored;
  rig_.run(read_all, &stored);

  for (const auto& [sequence, text] : outside_.appended) EXPECT_EQ(stored[sequence], text);
  std::set<std::string> texts;
  for (const auto& [sequence, text] : stored) {
    EXPECT_TRUE(texts.insert(text).second) << text.substr(0, 10) << " stands twice";
    EXPECT_TRUE(outside_.given.contains(sequence) || outside_.asked.contains(sequence)) << sequence;
  }
  EXPECT_FALSE(stored.empty());
  EXPECT_EQ(stored.rbegin()->first, stored.size()) << "a gap";

  rig_.check_a_restart(outside_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NamedStreamsCrashTest,
                         testing::Range<std::uint64_t>(1, kSeeds + 1));

}  // namespace
}  // namespace keel::engine::test
