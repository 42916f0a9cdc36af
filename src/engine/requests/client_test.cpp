#include "engine/testing/test_client.hpp"
#include "runtime/errors.hpp"

namespace keel::engine::test {
namespace {

using runtime::Task;

// Adds one, again under the same id while the outcome is not known.
Task<> add_one(CellClient* client, std::uint64_t id, int* answered) {
  const AddCommand body{.counter = 1, .amount = 1};
  for (;;) {
    const Result<Answer> answer = co_await client->submit(command_of(body, id), {});
    if (answer.ok()) break;
    EXPECT_TRUE(answer.error().is(kOutcomeUnknown) || answer.error().is(kQueueFull))
        << answer.error().to_string();
    EXPECT_TRUE((co_await client->core().sleep_until(client->core().now() + kRetryAfter, {})).ok());
  }
  ++*answered;
}

TEST_F(ClientTest, clients_of_every_core_are_answered) {
  start();
  int answered = 0;
  for (std::uint64_t id = 1; id <= 300; ++id) {
    machine_.start(id % 3, add_one, clients_[id % 3].get(), id, &answered);
  }
  run();
  EXPECT_EQ(answered, 300);
  EXPECT_EQ(host_->cell()->statistics().commands, 300u);
  EXPECT_LT(host_->cell()->statistics().groups, 100u);
}

TEST_F(ClientTest, an_unknown_outcome_reopens_the_cell_and_nothing_is_done_twice) {
  opener_.next_answer = Answers::unknown_and_written;
  start();
  int answered = 0;
  for (std::uint64_t id = 1; id <= 50; ++id) {
    machine_.start(id % 3, add_one, clients_[id % 3].get(), id, &answered);
  }
  run();
  EXPECT_EQ(answered, 50);
  EXPECT_EQ(opener_.openings, 2);
  EXPECT_EQ(host_->reopenings(), 1u);
  const kernel::Query query{.tenant = TenantId(1), .type = ValueQuery::kType};
  std::int64_t value = 0;
  machine_.start(
      1,
      +[](CellClient* client, kernel::Query asked, std::int64_t* to) -> Task<> {
        const ValueQuery body{.counter = 1};
        asked.payload = object_bytes(body);
        const Answer found = (co_await client->query(asked, {})).value();
        *to = ByteReader(found.payload).read<std::int64_t>().value();
      },
      clients_[1].get(), query, &value);
  run();
  EXPECT_EQ(value, 50);
}

TEST_F(ClientTest, a_full_inbox_refuses_at_once) {
  start({.inbox_capacity = 4, .cell = {.waiting_limit = 1}});
  std::vector<std::optional<Result<Answer>>> answers(64);
  for (std::uint64_t id = 1; id <= answers.size(); ++id) {
    machine_.start(
        1,
        +[](CellClient* client, std::uint64_t number, std::optional<Result<Answer>>* to) -> Task<> {
          const AddCommand body{.counter = 1, .amount = 1};
          to->emplace(co_await client->submit(command_of(body, number), {}));
        },
        clients_[1].get(), id, &answers[id - 1]);
  }
  run();
  std::size_t done = 0;
  std::size_t refused = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.has_value());
    done += answer->ok();
    refused += !answer->ok() && answer->error().is(kQueueFull);
  }
  EXPECT_GE(done, 4u);
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(done + refused, answers.size());

  // Each refusal is counted, also of what never reached the cell.
  std::uint64_t counted = 0;
  machine_.start(
      1,
      +[](CellClient* client, std::uint64_t* to) -> Task<> {
        *to = (co_await client->statistics({})).value().shed;
      },
      clients_[1].get(), &counted);
  run();
  EXPECT_EQ(counted, refused);
}

TEST_F(ClientTest, a_wait_that_is_over_is_refused_before_anything_happens) {
  start();
  std::optional<Result<Answer>> answer;
  machine_.start(
      1,
      +[](CellClient* client, std::optional<Result<Answer>>* to) -> Task<> {
        runtime::Cancellation cancelled;
        cancelled.request();
        const AddCommand body{.counter = 1, .amount = 1};
        to->emplace(co_await client->submit(command_of(body, 1), {.cancellation = &cancelled}));
      },
      clients_[1].get(), &answer);
  run();
  EXPECT_TRUE(answer->error().is(runtime::kCancelled));
  EXPECT_EQ(host_->cell()->statistics().commands, 0u);
}

TEST_F(ClientTest, stop_answers_what_came_and_refuses_what_comes_later) {
  start();
  int answered = 0;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    machine_.start(1, add_one, clients_[1].get(), id, &answered);
  }
  run();
  host_->stop();
  std::optional<Result<Answer>> late;
  machine_.start(
      1,
      +[](CellClient* client, std::optional<Result<Answer>>* to) -> Task<> {
        const AddCommand body{.counter = 1, .amount = 1};
        to->emplace(co_await client->submit(command_of(body, 99), {}));
      },
      clients_[1].get(), &late);
  EXPECT_TRUE(world_.run_until_true([&late] { return late.has_value(); }));
  EXPECT_EQ(answered, 20);
  EXPECT_TRUE(late->error().is(kStopping));
  EXPECT_TRUE(ended_->ok());
}

// Stops the host as soon as it hears of a replay.
class Impatient final : public CellWatcher {
 public:
  void replaying(const ReplayReport& so_far, Position) override {
    last = so_far.records;
    if (host != nullptr) host->stop();
  }
  void opened(const Cell& cell) override { replayed = cell.replay_report().records; }
  void failed(const Error&) override { ++failures; }

  CellHost* host = nullptr;
  std::uint64_t last = 0;
  std::uint64_t replayed = 0;
  int failures = 0;
};

TEST_F(ClientTest, a_stop_does_not_wait_for_the_end_of_a_replay) {
  constexpr std::uint64_t kCommands = 6'000;
  start();
  int answered = 0;
  for (std::uint64_t id = 1; id <= kCommands; ++id) {
    machine_.start(1, add_one, clients_[1].get(), id, &answered);
  }
  run();
  ASSERT_EQ(answered, static_cast<int>(kCommands));
  stop();

  Impatient watcher;
  const auto open_again = [&](bool stops) {
    ended_.reset();
    host_ = std::make_unique<CellHost>(CellHost::Parts{.core = machine_.core(0),
                                                       .journals = opener_,
                                                       .modules = make_modules,
                                                       .authorizer = *authorizer_,
                                                       .watcher = &watcher},
                                       CellHostOptions{});
    watcher.host = stops ? host_.get() : nullptr;
    machine_.start(
        0,
        +[](CellHost* host, std::optional<Result<>>* ended) -> Task<> {
          ended->emplace(co_await host->run());
          co_await host->drain();
        },
        host_.get(), &ended_);
    run();
  };
  open_again(true);
  ASSERT_TRUE(ended_.has_value());
  EXPECT_TRUE(ended_->ok()) << ended_->error().to_string();
  EXPECT_GT(watcher.last, 0u);
  EXPECT_EQ(watcher.replayed, 0u);
  EXPECT_EQ(watcher.failures, 0);
  // The next start has all of it, and it is more than the one that was stopped has seen.
  const std::uint64_t seen = watcher.last;
  open_again(false);
  EXPECT_GT(watcher.replayed, kCommands);
  EXPECT_LT(seen, watcher.replayed);
  stop();
}

TEST_F(ClientTest, a_cell_that_cannot_start_says_so_and_refuses) {
  opener_.failure = Error(runtime::kDiskFailed);
  start();
  std::optional<Result<Answer>> refused;
  machine_.start(
      1,
      +[](CellClient* client, std::optional<Result<Answer>>* to) -> Task<> {
        const AddCommand body{.counter = 1, .amount = 1};
        to->emplace(co_await client->submit(command_of(body, 1), {}));
      },
      clients_[1].get(), &refused);
  EXPECT_TRUE(world_.run_until_true([&refused] { return refused.has_value(); }));
  EXPECT_TRUE(refused->error().is(kStopping));
  EXPECT_TRUE(ended_->error().is(runtime::kDiskFailed));
  clients_.clear();
  run();
  host_.reset();
}

TEST_F(ClientTest, a_cell_that_cannot_be_opened_again_refuses_until_it_can) {
  opener_.next_answer = Answers::unknown_and_lost;
  start();
  run();
  opener_.failure = Error(runtime::kDiskFailed);
  std::array<std::optional<Result<Answer>>, 3> answers;
  const auto ask = [&](std::size_t number) {
    machine_.start(
        1,
        +[](CellClient* client, std::uint64_t id, std::optional<Result<Answer>>* to) -> Task<> {
          const AddCommand body{.counter = 1, .amount = 1};
          to->emplace(co_await client->submit(command_of(body, id), {}));
        },
        clients_[1].get(), std::uint64_t{number + 1}, &answers[number]);
    return world_.run_until_true([&answers, number] { return answers[number].has_value(); });
  };
  ASSERT_TRUE(ask(0));
  EXPECT_TRUE(answers[0]->error().is(kOutcomeUnknown));
  ASSERT_TRUE(ask(1));
  EXPECT_TRUE(answers[1]->error().is(kStopping));
  opener_.failure.reset();
  ASSERT_TRUE(world_.run_until_true([this] { return host_->cell() != nullptr; }));
  run();
  ASSERT_TRUE(ask(2));
  EXPECT_TRUE(answers[2]->ok());
}

TEST_F(ClientTest, one_that_comes_when_the_host_has_gone_is_refused_and_waits_for_nobody) {
  opener_.failure.emplace(kBadRecord);
  start();
  clients_.clear();
  run();
  ASSERT_TRUE(ended_.has_value() && !ended_->ok());
  clients_.push_back(std::make_unique<CellClient>(machine_.core(1), host_->inbox()));
  std::optional<Result<Statistics>> statistics;
  machine_.start(
      1,
      +[](CellClient* client, std::optional<Result<Statistics>>* to) -> Task<> {
        to->emplace(co_await client->statistics({}));
      },
      clients_.front().get(), &statistics);
  run();
  ASSERT_TRUE(statistics.has_value());
  EXPECT_TRUE(statistics->error().is(kStopping));
  clients_.clear();
  host_.reset();
}

TEST_F(ClientTest, tells_how_the_cell_is_doing) {
  start();
  int answered = 0;
  machine_.start(1, add_one, clients_[1].get(), std::uint64_t{1}, &answered);
  run();
  std::optional<Result<Statistics>> statistics;
  machine_.start(
      2,
      +[](CellClient* client, std::optional<Result<Statistics>>* to) -> Task<> {
        to->emplace(co_await client->statistics({}));
      },
      clients_[2].get(), &statistics);
  run();
  EXPECT_EQ(statistics->value().commands, 1u);
  EXPECT_EQ(statistics->value().command_ids, 1u);
}

TEST_F(ClientTest, two_cells_live_beside_one_another) {
  start();
  MemoryOpener other_opener(machine_.core(0));
  CellHost other({.core = machine_.core(0),
                  .journals = other_opener,
                  .modules = make_modules,
                  .authorizer = allow_all_},
                 {});
  std::optional<Result<>> other_ended;
  machine_.start(
      0,
      +[](CellHost* host, std::optional<Result<>>* ended) -> Task<> {
        ended->emplace(co_await host->run());
        co_await host->drain();
      },
      &other, &other_ended);
  int answered = 0;
  {
    CellClient other_client(machine_.core(2), other.inbox());
    machine_.start(2, add_one, clients_[2].get(), std::uint64_t{1}, &answered);
    machine_.start(2, add_one, &other_client, std::uint64_t{1}, &answered);
    run();
  }
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(other.cell()->statistics().commands, 1u);
  EXPECT_EQ(other.cell()->statistics().repeated, 0u);
  other.stop();
  run();
  EXPECT_TRUE(other_ended.has_value());
}

}  // namespace
}  // namespace keel::engine::test
