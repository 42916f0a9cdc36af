#include "engine/projection/projection.hpp"

#include "engine/errors.hpp"
#include "engine/projection/outbox.hpp"
#include "engine/testing/test_client.hpp"
#include "runtime/errors.hpp"

namespace keel::engine::test {
namespace {

using runtime::Task;

constexpr ErrorKind kNotNow{9002, "test.not_now", ErrorClass::retry_later};

// Counts what was added, per tenant: output and position change in one step.
class Sums final : public Projection {
 public:
  std::string_view name() const override { return "sums"; }
  RecordFilter filter() const override { return {.types = {Added::kEventType}}; }
  Task<Result<Position>> position() override { co_return position_; }
  Task<Result<>> take(const FrameBatch& batch, Position upto, runtime::Wait) override {
    if (std::exchange(fail_next, false)) co_return kNotNow;
    for (const Frame& frame : batch.frames) {
      if (frame.kind != FrameKind::record) continue;
      ByteReader rows(batch.payload(frame));
      while (!rows.empty()) {
        sums[frame.envelope.tenant] += rows.read_object<Added>().value().amount;
      }
    }
    position_ = upto;
    co_return success();
  }
  std::map<TenantId, std::int64_t> sums;
  bool fail_next = false;

 private:
  Position position_;
};

// Answers each event by adding ten to the counter behind it.
class AddTen final : public OutboxHandler {
 public:
  Task<Result<std::optional<OutboxReply>>> deliver(const OutboxItem& item, runtime::Wait) override {
    seen.push_back(item.id);
    if (fail > 0 && fail-- > 0) co_return kNotNow;
    const Added added = KEEL_CO_TRY(ByteReader(item.payload).read_object<Added>());
    if (added.counter != 1) co_return std::optional<OutboxReply>();
    const AddCommand body{.counter = 2, .amount = 10};
    const ByteView bytes = object_bytes(body);
    co_return OutboxReply{.type = AddCommand::kType,
                          .schema_version = kernel::SchemaVersion(1),
                          .payload = Bytes(bytes.begin(), bytes.end())};
  }
  std::vector<CommandId> seen;
  int fail = 0;
};

Task<> add_to_one(CellClient* client, std::uint64_t id, std::uint64_t times) {
  const AddCommand body{.counter = 1, .amount = 1, .times = times};
  while (!(co_await client->submit(command_of(body, id), {})).ok()) {
    EXPECT_TRUE((co_await client->core().sleep_until(client->core().now() + kRetryAfter, {})).ok());
  }
}

class ProjectionTest : public ClientTest {
 protected:
  void add(std::uint64_t id, std::uint64_t times = 1) {
    machine_.start(1, add_to_one, clients_[1].get(), id, times);
    world_.run_for(Duration::milliseconds(50));
  }
  // Follows for a while.
  ProjectionStatistics follow(Projection& projection, Duration duration) {
    ProjectionRunner runner(*clients_[2], projection, {.principal = PrincipalId(5)});
    runtime::Cancellation cancellation;
    bool ended = false;
    machine_.start(
        2,
        +[](ProjectionRunner* run, runtime::Cancellation* over, bool* done) -> Task<> {
          co_await run->run({.cancellation = over});
          *done = true;
        },
        &runner, &cancellation, &ended);
    world_.run_for(duration);
    cancellation.request();
    EXPECT_TRUE(world_.run_until_true([&ended] { return ended; }));
    return runner.statistics();
  }
  std::int64_t value(std::uint64_t counter) {
    std::int64_t found = -1;
    machine_.start(
        1,
        +[](CellClient* client, std::uint64_t number, std::int64_t* to) -> Task<> {
          const ValueQuery body{.counter = number};
          const Answer answer = (co_await client->query({.tenant = TenantId(1),
                                                         .principal = PrincipalId(5),
                                                         .type = ValueQuery::kType,
                                                         .payload = object_bytes(body)},
                                                        {}))
                                    .value();
          *to = ByteReader(answer.payload).read<std::int64_t>().value();
        },
        clients_[1].get(), counter, &found);
    world_.run_for(Duration::milliseconds(50));
    return found;
  }
  Outbox outbox(AddTen& handler) {
    return Outbox({.client = *clients_[2],
                   .handler = handler,
                   .positions = {machine_.core(2).disk(), "keel_data/positions", "tens"},
                   .cell = CellId(1),
                   .name = "tens",
                   .types = {Added::kEventType},
                   .principal = PrincipalId(5)});
  }
};

TEST_F(ProjectionTest, sees_each_record_once_also_over_failures_and_pauses) {
  start();
  add(1);
  add(2, 5);
  Sums sums;
  sums.fail_next = true;
  const ProjectionStatistics first = follow(sums, Duration::seconds(2));
  EXPECT_EQ(first.failures, 1u);
  EXPECT_TRUE(first.last_failure->is(kNotNow));
  EXPECT_EQ(first.caught_up, 1u);
  EXPECT_EQ(sums.sums[TenantId(1)], 6);
  add(3);
  const ProjectionStatistics second = follow(sums, Duration::seconds(2));
  EXPECT_EQ(second.records, 1u);
  EXPECT_EQ(sums.sums[TenantId(1)], 7);
}

TEST_F(ProjectionTest, follows_while_things_happen_and_the_cell_is_opened_again) {
  opener_.next_answer = Answers::unknown_and_written;
  start();
  Sums sums;
  ProjectionRunner runner(*clients_[2], sums, {.principal = PrincipalId(5)});
  runtime::Cancellation cancellation;
  bool ended = false;
  machine_.start(
      2,
      +[](ProjectionRunner* run, runtime::Cancellation* over, bool* done) -> Task<> {
        co_await run->run({.cancellation = over});
        *done = true;
      },
      &runner, &cancellation, &ended);
  for (std::uint64_t id = 1; id <= 20; ++id) add(id);
  world_.run_for(Duration::seconds(1));
  EXPECT_EQ(sums.sums[TenantId(1)], 20);
  EXPECT_EQ(host_->reopenings(), 1u);
  cancellation.request();
  EXPECT_TRUE(world_.run_until_true([&ended] { return ended; }));
}

TEST_F(ProjectionTest, the_outbox_delivers_every_row_and_takes_in_each_reply_once) {
  start();
  AddTen handler;
  Outbox tens = outbox(handler);
  add(1, 3);
  handler.fail = 2;  // the second delivery of the first row fails, too
  const ProjectionStatistics statistics = follow(tens, Duration::seconds(3));
  EXPECT_EQ(statistics.failures, 2u);
  EXPECT_EQ(value(2), 30);
  // Three rows, two failures, and the three replies' own events.
  ASSERT_EQ(handler.seen.size(), 8u);
  EXPECT_EQ(handler.seen[0], handler.seen[1]);
  EXPECT_EQ(handler.seen[1], handler.seen[2]);
  EXPECT_NE(handler.seen[2], handler.seen[3]);
}

TEST_F(ProjectionTest, the_outbox_goes_on_where_it_was_and_repeats_do_no_harm) {
  start();
  AddTen handler;
  Outbox tens = outbox(handler);
  add(1, 2);
  follow(tens, Duration::seconds(1));
  const std::size_t seen = handler.seen.size();
  Outbox again = outbox(handler);
  follow(again, Duration::seconds(1));
  EXPECT_EQ(handler.seen.size(), seen);

  // As if the position had not been stored before a crash.
  machine_.start(
      2,
      +[](runtime::Disk* disk) -> Task<> {
        PositionFile positions(*disk, "keel_data/positions", "tens");
        EXPECT_TRUE((co_await positions.store(Position(0))).ok());
      },
      &machine_.core(2).disk());
  world_.run_for(Duration::milliseconds(100));
  follow(again, Duration::seconds(1));
  EXPECT_GT(handler.seen.size(), seen);
  EXPECT_EQ(value(2), 20);
}

TEST_F(ProjectionTest, a_damaged_position_is_reported) {
  start();
  std::optional<Result<Position>> loaded;
  machine_.start(
      2,
      +[](runtime::Disk* disk, std::optional<Result<Position>>* to) -> Task<> {
        PositionFile positions(*disk, "keel_data/positions", "x");
        EXPECT_TRUE((co_await positions.load()).value().is_zero());
        EXPECT_TRUE((co_await positions.store(Position(77))).ok());
        EXPECT_EQ((co_await positions.load()).value(), Position(77));
        const auto file =
            (co_await disk->open("keel_data/positions/x.position", {.write = true})).value();
        const Bytes other(1, std::byte{1});
        EXPECT_TRUE((co_await file->write(8, other)).ok());
        to->emplace(co_await positions.load());
      },
      &machine_.core(2).disk(), &loaded);
  run();
  EXPECT_TRUE(loaded->error().is(kBadRecord));
}

}  // namespace
}  // namespace keel::engine::test
