#include "journal/fake/slow_log.hpp"

#include <gtest/gtest.h>

#include "journal/errors.hpp"
#include "runtime/manual_core.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

class SlowLogTest : public testing::Test {
 public:
  ~SlowLogTest() override { scope_.settle(); }

 protected:
  // Hands over a group of one record; the result comes when time has gone by.
  void begin_append(SlowLog& journal) {
    GroupBuilder* group = journal.form();
    ASSERT_NE(group, nullptr);
    EXPECT_TRUE(group->append({.time = {1}}, as_bytes("x")).has_value());
    results_.push_back(std::nullopt);
    scope_.spawn(
        +[](Journal* j, GroupBuilder* g, std::optional<AppendResult>* out) -> Task<> {
          *out = co_await j->append(*g);
        },
        &journal, group, &results_.back());
    core_.run();
  }
  void let_time_pass() {
    for (int i = 0; i < 400; ++i) core_.advance(Duration::milliseconds(5));
  }
  AppendOutcome outcome(std::size_t i) { return results_.at(i)->outcome; }
  bool failed_with(std::size_t i, const ErrorKind& kind) {
    return results_.at(i)->error.has_value() && results_.at(i)->error->is(kind);
  }

  runtime::ManualCore core_;
  RemoteLog log_;
  std::deque<std::optional<AppendResult>> results_;
  runtime::Scope scope_{core_};
};

TEST_F(SlowLogTest, several_are_in_flight_and_are_answered_in_order_after_a_while) {
  SlowLog journal(core_, log_, {});
  for (int i = 0; i < 4; ++i) begin_append(journal);
  core_.advance(Duration::milliseconds(4));
  EXPECT_FALSE(results_.front().has_value());
  for (int i = 0; i < 400; ++i) {
    core_.advance(Duration::milliseconds(5));
    for (std::size_t later = 1; later < 4; ++later) {
      EXPECT_TRUE(!results_[later].has_value() || results_[later - 1].has_value());
    }
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(outcome(i), AppendOutcome::durable);
  EXPECT_EQ(journal.durable(), Position(4));
}

TEST_F(SlowLogTest, an_unknown_outcome_is_resolved_by_opening_again) {
  for (const LogAnswer answer : {LogAnswer::unknown_and_written, LogAnswer::unknown_and_lost}) {
    const Position before = log_.history.state.last;
    SlowLog journal(core_, log_, {});
    log_.script = {answer};
    begin_append(journal);
    let_time_pass();
    EXPECT_EQ(results_.back()->outcome, AppendOutcome::unknown);
    begin_append(journal);
    let_time_pass();
    EXPECT_EQ(results_.back()->outcome, AppendOutcome::refused);
    const SlowLog again(core_, log_, {});
    EXPECT_EQ(again.durable().value(),
              before.value() + (answer == LogAnswer::unknown_and_written ? 1 : 0));
  }
}

TEST_F(SlowLogTest, what_follows_a_lost_or_refused_group_is_refused_as_out_of_order) {
  SlowLog journal(core_, log_, {});
  log_.script = {LogAnswer::durable, LogAnswer::refused};
  for (int i = 0; i < 3; ++i) begin_append(journal);
  let_time_pass();
  EXPECT_EQ(outcome(0), AppendOutcome::durable);
  EXPECT_TRUE(failed_with(1, kNoSpace));
  EXPECT_TRUE(failed_with(2, kOutOfOrder));
  begin_append(journal);
  let_time_pass();
  EXPECT_EQ(outcome(3), AppendOutcome::durable);
  EXPECT_EQ(journal.durable(), Position(2));
}

TEST_F(SlowLogTest, a_second_writer_fences_the_first_also_what_is_in_flight) {
  SlowLog first(core_, log_, {});
  begin_append(first);
  SlowLog second(core_, log_, {});
  let_time_pass();
  EXPECT_TRUE(failed_with(0, kFenced));
  begin_append(first);
  begin_append(second);
  let_time_pass();
  EXPECT_TRUE(failed_with(1, kBroken));
  EXPECT_EQ(outcome(2), AppendOutcome::durable);
  EXPECT_EQ(log_.history.state.last, Position(1));
}

}  // namespace
}  // namespace keel::journal
