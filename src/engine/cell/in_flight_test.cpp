// A cell on a slow log that takes several groups at once.
#include "engine/errors.hpp"
#include "engine/testing/test_cell.hpp"
#include "journal/errors.hpp"

namespace keel::engine::test {
namespace {

using journal::AppendOutcome;
using journal::AppendResult;

constexpr std::size_t kInFlight = 4;

// Each append takes from 10 to 200 ms; they end in order. The fate of a group can be told by its
// number; what was formed behind a refused one is refused, behind an unknown one too.
class SlowLog final : public journal::Journal {
 public:
  SlowLog(runtime::Core& core, journal::MemoryHistory& history, sim::Random random)
      : core_(core),
        history_(history),
        random_(random),
        builders_({.bytes = 1 << 20, .records = 4096}, kInFlight + 1),
        turn_(core),
        became_durable_(core) {
    ++history_.state.epoch;
  }
  std::map<std::uint64_t, AppendOutcome> fates;  // by number of the append, from 1
  std::size_t most_in_flight = 0;

  // What a failed seal does to a journal.
  void break_down() { broken_ = true; }

  journal::GroupBuilder* form() override { return builders_.form(durable(), last_time()); }
  void discard(journal::GroupBuilder& group) override { builders_.release(group); }
  runtime::Task<AppendResult> append(journal::GroupBuilder& group) override {
    journal::GroupBuffer& buffer = builders_.submit(group);
    const std::uint64_t mine = ++begun_;
    most_in_flight = std::max(most_in_flight, static_cast<std::size_t>(begun_ - ended_));
    const Duration latency =
        random_.between(Duration::milliseconds(10), Duration::milliseconds(200));
    EXPECT_TRUE((co_await core_.sleep_until(core_.now() + latency, {})).ok());
    while (ended_ + 1 != mine) EXPECT_TRUE((co_await turn_.wait({})).ok());
    const AppendResult result = end(mine, buffer);
    builders_.release(group);
    ended_ = mine;
    turn_.wake_all();
    co_return result;
  }
  Position durable() const override { return history_.state.last; }
  Timestamp last_time() const override { return history_.state.last_time; }
  std::size_t in_flight_limit() const override { return kInFlight; }
  std::string_view durability() const override { return "none, slow log in memory"; }
  runtime::Task<Result<std::unique_ptr<journal::Cursor>>> read(Position after) override {
    co_return journal::read_history(history_, after);
  }
  runtime::Task<Result<>> wait_durable(Position after, runtime::Wait wait) override {
    while (durable() <= after) KEEL_CO_TRY(co_await became_durable_.wait(wait));
    co_return success();
  }
  runtime::Task<Result<>> close() override { co_return success(); }

 private:
  AppendResult end(std::uint64_t mine, journal::GroupBuffer& buffer) {
    if (broken_) return {AppendOutcome::refused, journal::kBroken};
    if (buffer.first_sequence().value() != durable().value() + 1) {
      return {AppendOutcome::refused, journal::kOutOfOrder};
    }
    const auto fate = fates.find(mine);
    if (fate != fates.end() && fate->second == AppendOutcome::refused) {
      return {AppendOutcome::refused, journal::kNoSpace};
    }
    history_.append(buffer);
    became_durable_.wake_all();
    if (fate == fates.end()) return {AppendOutcome::durable, std::nullopt};
    broken_ = true;
    return {AppendOutcome::unknown, journal::kUnknownOutcome};
  }

  runtime::Core& core_;
  journal::MemoryHistory& history_;
  sim::Random random_;
  journal::BuilderPool builders_;
  runtime::WaitQueue turn_;
  runtime::WaitQueue became_durable_;
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
  bool broken_ = false;
};

class InFlightTest : public CellTest {
 protected:
  void open_slow() {
    auto slow = std::make_unique<SlowLog>(core(), history_, world_.random().split());
    slow_ = slow.get();
    ASSERT_TRUE(open_on(std::move(slow)).ok());
  }
  // One command after another, a few milliseconds apart, so that several groups form.
  void send_apart(std::uint64_t first_id, std::uint64_t count) {
    for (std::uint64_t id = first_id; id < first_id + count; ++id) {
      sent_.push_back(&send(AddCommand{.counter = 1, .amount = 1}, id));
      run_for(Duration::milliseconds(3));
    }
  }
  std::size_t count(const ErrorKind& kind) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sent_, [&kind](const Asked* asked) { return asked->failed(kind); }));
  }
  std::size_t answered() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        sent_, [](const Asked* asked) { return asked->ended() && !asked->error.has_value(); }));
  }
  SlowLog* slow_ = nullptr;
  std::vector<Asked*> sent_;
};

TEST_F(InFlightTest, as_many_groups_as_the_log_allows_are_on_their_way) {
  open_slow();
  send_apart(1, 60);
  run();
  EXPECT_EQ(slow_->most_in_flight, kInFlight);
  EXPECT_EQ(answered(), 60u);
  for (std::size_t i = 1; i < sent_.size(); ++i) {
    EXPECT_LT(sent_[i - 1]->answer.position, sent_[i]->answer.position);
  }
  EXPECT_EQ(value(1), 60);
}

TEST_F(InFlightTest, a_refused_group_takes_with_it_what_is_on_top_and_no_more) {
  open_slow();
  slow_->fates[3] = AppendOutcome::refused;
  send_apart(1, 40);
  run();
  EXPECT_GE(answered(), 2u);
  EXPECT_GT(count(kJournalRefused), 0u);
  EXPECT_EQ(answered() + count(kJournalRefused), 40u);
  EXPECT_EQ(value(1), static_cast<std::int64_t>(answered()));
  const Digest live = cell_->state_hash();
  EXPECT_TRUE(close().ok());
  open();
  EXPECT_EQ(cell_->state_hash(), live);
}

TEST_F(InFlightTest, an_unknown_group_answers_nobody_behind_it_and_retries_find_out) {
  open_slow();
  slow_->fates[2] = AppendOutcome::unknown;
  send_apart(1, 20);
  run();
  EXPECT_GT(answered(), 0u);
  EXPECT_GT(count(kOutcomeUnknown), 1u);
  EXPECT_EQ(answered() + count(kOutcomeUnknown) + count(kStopping), 20u);
  EXPECT_TRUE(close().error().is(kOutcomeUnknown));

  open();
  for (std::uint64_t id = 1; id <= 20; ++id) send(AddCommand{.counter = 1, .amount = 1}, id);
  run();
  EXPECT_EQ(value(1), 20);
}

TEST_F(InFlightTest, a_journal_that_broke_beside_its_groups_ends_the_cell) {
  open_slow();
  send_apart(1, 3);
  run();
  slow_->break_down();
  Asked& add = send(AddCommand{.counter = 1, .amount = 1}, 4);
  run();
  EXPECT_TRUE(add.failed(kOutcomeUnknown));
  EXPECT_TRUE(close().error().is(kOutcomeUnknown));
  open();
  EXPECT_EQ(value(1), 3);
}

}  // namespace
}  // namespace keel::engine::test
