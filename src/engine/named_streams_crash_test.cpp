// A cell with a named stream and a consumer under power cuts and failing writes, its messages on
// disk: what was acknowledged to a publisher stands in the stream once, at the sequence that it was
// told; what a consumer has acknowledged never comes to it again, and all else does, no sooner than
// its terms say; and the state after a restart is the state that the journal says.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/describe/wire.hpp"
#include "engine/testing/local_opener.hpp"
#include "engine/testing/test_client.hpp"
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
struct Outside {
  std::uint64_t next_command = 1;
  std::map<Sequence, std::string> appended;  // as the publishers were told
  std::array<std::uint64_t, kPublishers> next{};
  std::set<Sequence> acknowledged;  // the consumer was told that it is
  std::set<Sequence> asked;         // or may be
  std::map<Sequence, Timestamp> given;
  std::uint64_t repeated = 0;
  bool stop = false;
  int clients = 0;
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

// One that is unknown after a crash is asked for again by its text: it stands there, or not.
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
  for (int rounds = 0; rounds < 500; ++rounds) {
    static_cast<void>(co_await consume_some(client, outside));
    const auto view = co_await ask(client, GetConsumer{.stream = "s", .name = "c"});
    if (view && view->consumer.ack_pending == 0 && view->consumer.waiting == 0) break;
    static_cast<void>(co_await client->core().sleep_until(client->core().now() + kAckWait, {}));
  }
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

Task<> run_host(CellHost* host, bool* ended) {
  const Result<> ran = co_await host->run();
  EXPECT_TRUE(ran.ok() || ran.error().error_class() != ErrorClass::corrupt)
      << ran.error().to_string();
  co_await host->drain();
  *ended = true;
}

// A campaign that met with nothing proves nothing.
struct Met {
  std::uint64_t seeds = 0;
  std::uint64_t repeated = 0;
  std::uint64_t snapshots_used = 0;
  std::uint64_t cold_rows = 0;  // found at a start
};

class NamedStreamsCrashTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  static void TearDownTestSuite() {
    std::printf("repeated %lu, snapshots used %lu, cold rows %lu\n", met.repeated,
                met.snapshots_used, met.cold_rows);
    if (met.seeds != kSeeds) return;
    EXPECT_GT(met.repeated, 0u);
    EXPECT_GT(met.snapshots_used, 0u);
    EXPECT_GT(met.cold_rows, 0u);
  }
  void TearDown() override {
    ++met.seeds;
    met.repeated += outside_.repeated;
  }

  static sim::WorldOptions world_options() {
    sim::WorldOptions options{.seed = GetParam()};
    if (GetParam() % 3 == 0) {
      options.disk.write_failed = sim::Chance::percent(2);
      options.disk.sync_failed = sim::Chance::percent(2);
    }
    return options;
  }

  // False: the power went before the cell was open.
  bool start() {
    CellHostOptions options;
    options.pause = Duration::milliseconds(10);
    options.cell.snapshots = {.directory = "keel_data/snapshots", .every_records = 40};
    options.cell.cold = tiny_archive();
    options.cell.cold.hot_bytes = 4'096;
    do {
      host_ = std::make_unique<CellHost>(CellHost::Parts{.core = machine_.core(0),
                                                         .journals = opener_,
                                                         .modules = make_streams,
                                                         .authorizer = allow_all_},
                                         options);
      host_ended_ = false;
      machine_.start(0, run_host, host_.get(), &host_ended_);
      EXPECT_TRUE(
          world_.run_until_true([this] { return host_->cell() != nullptr || host_ended_; }));
      if (host_->cell() != nullptr) {
        met.snapshots_used += host_->cell()->replay_report().from.is_zero() ? 0 : 1;
        met.cold_rows += host_->cell()->statistics().cold_rows;
        client_ = std::make_unique<CellClient>(machine_.core(1), host_->inbox());
        return true;
      }
      host_.reset();
    } while (machine_.power().on);
    return false;
  }
  void start_clients() {
    outside_.stop = false;
    outside_.clients = kPublishers + 1;
    for (int publisher = 0; publisher < kPublishers; ++publisher) {
      machine_.start(1, publish_all, client_.get(), publisher, &outside_);
    }
    machine_.start(1, consume, client_.get(), &outside_);
  }
  void wait_for_clients() {
    ASSERT_TRUE(world_.run_until_true([this] { return outside_.clients == 0; }));
    world_.run_for(Duration::milliseconds(1));
  }
  void stop() {
    outside_.stop = true;
    if (host_ == nullptr) return;
    host_->stop();
    wait_for_clients();
    client_.reset();
    ASSERT_TRUE(world_.run_until_true([this] { return host_ended_; }));
    ASSERT_TRUE(world_.run_until_idle());
    host_.reset();
  }
  template <typename Work, typename... More>
  void run(Work work, More... more) {
    bool done = false;
    outside_.stop = false;
    machine_.start(1, work, client_.get(), more..., &done);
    ASSERT_TRUE(world_.run_until_true([&done] { return done; }));
  }

  sim::World world_{world_options()};
  sim::Machine& machine_ = world_.add_machine("10.0.0.1", 2);
  AllowAll allow_all_;
  LocalOpener opener_{machine_.core(0)};
  std::unique_ptr<CellHost> host_;
  std::unique_ptr<CellClient> client_;
  bool host_ended_ = false;
  Outside outside_;
  static inline Met met;
};

TEST_P(NamedStreamsCrashTest, what_was_acknowledged_stays_so) {
  ASSERT_TRUE(start());
  outside_.clients = 1;
  machine_.start(1, set_up, client_.get(), &outside_);
  wait_for_clients();
  stop();
  for (int cuts = 0; cuts < 4; ++cuts) {
    machine_.power().cut_before_write =
        machine_.power().writes_begun + 1 + world_.random().below(80);
    if (start()) {
      start_clients();
      static_cast<void>(world_.run_until_true(
          [this] { return !machine_.power().on || outside_.clients == 0; }, Duration::seconds(20)));
    }
    machine_.cut_power();
    stop();
    machine_.power().cut_before_write = UINT64_MAX;
    machine_.restore_power();
  }
  ASSERT_TRUE(start());
  start_clients();
  wait_for_clients();
  run(consume_all, &outside_);
  std::map<Sequence, std::string> stored;
  run(read_all, &stored);

  for (const auto& [sequence, text] : outside_.appended) EXPECT_EQ(stored[sequence], text);
  std::set<std::string> texts;
  for (const auto& [sequence, text] : stored) {
    EXPECT_TRUE(texts.insert(text).second) << text.substr(0, 10) << " stands twice";
    EXPECT_TRUE(outside_.given.contains(sequence) || outside_.asked.contains(sequence)) << sequence;
  }
  EXPECT_FALSE(stored.empty());
  EXPECT_EQ(stored.rbegin()->first, stored.size()) << "a gap";

  ASSERT_TRUE(world_.run_until_true([this] { return host_->cell() != nullptr; }));
  const Digest live = host_->cell()->state_hash();
  stop();
  ASSERT_TRUE(start());
  EXPECT_EQ(host_->cell()->state_hash(), live);
  stop();
}

INSTANTIATE_TEST_SUITE_P(Seeds, NamedStreamsCrashTest,
                         testing::Range<std::uint64_t>(1, kSeeds + 1));

}  // namespace
}  // namespace keel::engine::test
