#include "engine/history/subscription.hpp"

#include "engine/errors.hpp"
#include "engine/testing/test_client.hpp"

namespace keel::engine::test {
namespace {

using runtime::Task;

// What a reader has seen.
struct Seen {
  std::vector<std::pair<FrameKind, std::uint64_t>> frames;
  std::size_t records = 0;
  std::optional<Error> error;
  bool has(FrameKind kind) const {
    return std::ranges::any_of(frames, [kind](const auto& frame) { return frame.first == kind; });
  }
};

// Reads so many batches, or to the first error.
Task<> read_batches(Subscription* subscription, std::size_t batches, Seen* seen) {
  FrameBatch batch;
  for (std::size_t i = 0; i < batches; ++i) {
    const Result<> next = co_await subscription->next(batch, {});
    if (!next.ok()) {
      seen->error = next.error();
      co_return;
    }
    for (const Frame& frame : batch.frames) {
      seen->frames.emplace_back(frame.kind, frame.position.value());
      seen->records += frame.kind == FrameKind::record;
    }
  }
}

Task<> add_many(CellClient* client, TenantId tenant, std::uint64_t first_id, std::uint64_t count) {
  for (std::uint64_t id = first_id; id < first_id + count; ++id) {
    const AddCommand body{.counter = 1, .amount = 1};
    kernel::Command command = command_of(body, id);
    command.tenant = tenant;
    EXPECT_TRUE((co_await client->submit(command, {})).ok());
  }
}

class SubscriptionTest : public ClientTest {
 protected:
  void add(std::uint64_t first_id, std::uint64_t count, TenantId tenant = TenantId(1)) {
    machine_.start(1, add_many, clients_[1].get(), tenant, first_id, count);
    run();
  }
  Subscription subscribe(Subscription::From from, RecordFilter filter = {},
                         std::uint64_t lag_limit = 1000) {
    return {*clients_[2], PrincipalId(5), std::move(filter), from, lag_limit};
  }
  Seen read(Subscription& subscription, std::size_t batches) {
    Seen seen;
    machine_.start(2, read_batches, &subscription, batches, &seen);
    run();
    return seen;
  }
};

TEST_F(SubscriptionTest, from_the_start_everything_then_caught_up) {
  start();
  add(1, 10);
  Subscription subscription = subscribe(Subscription::from_start());
  const Seen seen = read(subscription, 1);
  EXPECT_EQ(seen.records, 10u);  // the outcome records were not asked for
  EXPECT_EQ(seen.frames.back(), std::pair(FrameKind::caught_up, std::uint64_t{20}));
  EXPECT_EQ(subscription.position(), Position(20));
}

TEST_F(SubscriptionTest, from_the_end_only_what_comes_and_as_it_comes) {
  start();
  add(1, 10);
  Subscription subscription = subscribe(Subscription::from_end());
  EXPECT_EQ(read(subscription, 1).records, 0u);
  Seen seen;
  machine_.start(2, read_batches, &subscription, std::size_t{1}, &seen);
  machine_.start(1, add_many, clients_[1].get(), TenantId(1), std::uint64_t{11}, std::uint64_t{1});
  run();
  EXPECT_EQ(seen.records, 1u);
  EXPECT_EQ(seen.frames.back(), std::pair(FrameKind::checkpoint, std::uint64_t{22}));
}

TEST_F(SubscriptionTest, goes_on_from_a_position) {
  start();
  add(1, 10);
  Subscription subscription = subscribe(Subscription::from_after(Position(15)));
  EXPECT_EQ(read(subscription, 1).records, 2u);
  Subscription beyond = subscribe(Subscription::from_after(Position(21)));
  EXPECT_TRUE(read(beyond, 1).error->is(kNoSuchPosition));
}

TEST_F(SubscriptionTest, sees_its_tenant_and_types_only) {
  start();
  add(1, 3, TenantId(1));
  add(1, 4, TenantId(2));
  Subscription tenant = subscribe(Subscription::from_start(), {.tenant = TenantId(2)});
  EXPECT_EQ(read(tenant, 1).records, 4u);
  Subscription outcomes =
      subscribe(Subscription::from_start(), {.tenant = TenantId(2), .outcomes = true});
  EXPECT_EQ(read(outcomes, 1).records, 8u);
  Subscription types = subscribe(Subscription::from_start(), {.types = {Reminded::kEventType}});
  EXPECT_EQ(read(types, 1).records, 0u);
}

TEST_F(SubscriptionTest, an_idle_one_gets_checkpoints) {
  start();
  add(1, 1);
  Subscription subscription = subscribe(Subscription::from_start());
  const Seen seen = read(subscription, 3);
  ASSERT_EQ(seen.frames.size(), 4u);
  EXPECT_EQ(seen.frames[1].first, FrameKind::caught_up);
  EXPECT_EQ(seen.frames[3], std::pair(FrameKind::checkpoint, std::uint64_t{2}));
}

TEST_F(SubscriptionTest, a_slow_one_is_cut_once_it_has_been_at_the_end) {
  start();
  add(1, 30);
  Subscription late = subscribe(Subscription::from_start(), {}, 10);
  EXPECT_EQ(read(late, 1).records, 30u);  // far behind, but it has only begun
  add(31, 10);
  EXPECT_TRUE(read(late, 1).error->is(kReaderTooSlow));
}

TEST_F(SubscriptionTest, of_many_that_begin_at_the_start_few_read_at_once_and_all_arrive) {
  start();
  add(1, 1000);
  constexpr std::size_t kReaders = 40;
  std::vector<Subscription> subscriptions;
  std::vector<Seen> seen(kReaders);
  subscriptions.reserve(kReaders);
  for (std::size_t i = 0; i < kReaders; ++i) {
    subscriptions.push_back(subscribe(Subscription::from_start()));
    machine_.start(2, read_batches, &subscriptions.back(), std::size_t{1}, &seen[i]);
  }
  std::size_t most = 0;
  const auto ended = [](const Seen& one) { return one.error.has_value() || !one.frames.empty(); };
  EXPECT_TRUE(world_.run_until_true([&] {
    most = std::max(most, host_->cell()->history().reading());
    return std::ranges::all_of(seen, ended);
  }));
  run();  // to the end of the tasks, which refer to what is here
  for (const Seen& one : seen) EXPECT_EQ(one.records, 1000u);
  EXPECT_EQ(most, HistoryLimits{}.reading);
}

TEST_F(SubscriptionTest, needs_permission) {
  class NoReading final : public Authorizer {
   public:
    Result<> authorize(PrincipalId, const kernel::Command&) const override { return success(); }
    Result<> authorize(PrincipalId, const kernel::Query&) const override { return success(); }
  };
  const NoReading no_reading;
  authorizer_ = &no_reading;
  start();
  add(1, 1);
  Subscription subscription = subscribe(Subscription::from_start());
  EXPECT_TRUE(read(subscription, 1).error->is(kNotAllowed));
  stop();
}

TEST_F(SubscriptionTest, the_end_of_the_cell_ends_a_wait) {
  start();
  add(1, 1);
  Subscription subscription = subscribe(Subscription::from_start());
  read(subscription, 1);
  Seen seen;
  machine_.start(2, read_batches, &subscription, std::size_t{1000}, &seen);
  world_.run_for(Duration::milliseconds(1200));
  host_->stop();
  EXPECT_TRUE(world_.run_until_true([&seen] { return seen.error.has_value(); }));
  EXPECT_TRUE(seen.error->is(kStopping));
}

}  // namespace
}  // namespace keel::engine::test
