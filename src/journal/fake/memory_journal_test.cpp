#include "journal/fake/memory_journal.hpp"

#include <gtest/gtest.h>

#include "journal/errors.hpp"
#include "runtime/errors.hpp"
#include "runtime/manual_core.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

class MemoryJournalTest : public testing::Test {
 protected:
  GroupBuilder* form_one(std::string_view payload) {
    GroupBuilder* group = journal_.form();
    if (group == nullptr) return nullptr;
    EXPECT_TRUE(group->append({.time = {++time_}}, as_bytes(payload)).has_value());
    return group;
  }
  AppendOutcome append(GroupBuilder* group) {
    AppendOutcome outcome = AppendOutcome::unknown;
    core_.run_to_end(
        +[](Journal* journal, GroupBuilder* formed, AppendOutcome* out) -> Task<> {
          *out = (co_await journal->append(*formed)).outcome;
        },
        &journal_, group, &outcome);
    return outcome;
  }
  std::vector<std::string> read(Position after) {
    std::vector<std::string> texts;
    core_.run_to_end(
        +[](Journal* journal, Position from, std::vector<std::string>* out) -> Task<> {
          auto cursor = (co_await journal->read(from)).value();
          while (auto record = (co_await cursor->next()).value()) {
            out->emplace_back(as_text(record->payload));
          }
        },
        &journal_, after, &texts);
    return texts;
  }

  runtime::ManualCore core_;
  MemoryHistory history_;
  MemoryJournal journal_{core_, history_, {.capacity = {.bytes = 4096, .records = 8}}};
  std::int64_t time_ = 0;
};

TEST_F(MemoryJournalTest, reads_from_any_position_what_was_appended) {
  EXPECT_EQ(append(form_one("a")), AppendOutcome::durable);
  EXPECT_EQ(append(form_one("b")), AppendOutcome::durable);
  EXPECT_EQ(append(form_one("c")), AppendOutcome::durable);
  EXPECT_EQ(journal_.durable(), Position(3));
  EXPECT_EQ(read(Position(0)), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(read(Position(2)), (std::vector<std::string>{"c"}));
  EXPECT_TRUE(read(Position(3)).empty());
}

TEST_F(MemoryJournalTest, a_refused_group_leaves_nothing_and_the_one_behind_it_is_out_of_order) {
  journal_.answer(MemoryJournal::Answer::refused);
  EXPECT_EQ(append(form_one("a")), AppendOutcome::refused);
  journal_.answer(MemoryJournal::Answer::durable);
  EXPECT_EQ(append(form_one("b")), AppendOutcome::durable);
  EXPECT_EQ(read(Position(0)), (std::vector<std::string>{"b"}));
}

TEST_F(MemoryJournalTest, after_an_unknown_outcome_everything_is_refused_until_it_is_reopened) {
  journal_.answer(MemoryJournal::Answer::unknown_and_written);
  EXPECT_EQ(append(form_one("a")), AppendOutcome::unknown);
  journal_.answer(MemoryJournal::Answer::durable);
  EXPECT_EQ(append(form_one("b")), AppendOutcome::refused);
  MemoryJournal reopened(core_, history_);
  EXPECT_EQ(reopened.durable(), Position(1));
}

TEST_F(MemoryJournalTest, one_group_forms_while_one_is_in_flight) {
  GroupBuilder* first = form_one("a");
  EXPECT_EQ(journal_.form(), nullptr);  // where the next begins is not known yet
  runtime::Scope scope(core_);
  scope.spawn(
      +[](Journal* journal, GroupBuilder* group) -> Task<> {
        EXPECT_EQ((co_await journal->append(*group)).outcome, AppendOutcome::durable);
      },
      &journal_, first);
  core_.run();
  GroupBuilder* second = form_one("b");
  EXPECT_EQ(second->last(), Position(2));
  EXPECT_EQ(append(second), AppendOutcome::durable);
  scope.settle();
}

TEST_F(MemoryJournalTest, followers_wake_when_something_is_durable) {
  runtime::Scope scope(core_);
  int woken = 0;
  scope.spawn(
      +[](Journal* journal, int* count) -> Task<> {
        EXPECT_TRUE((co_await journal->wait_durable(Position(0), {})).ok());
        ++*count;
        EXPECT_TRUE((co_await journal->wait_durable(Position(1), {.deadline = {5}}))
                        .error()
                        .is(runtime::kDeadline));
        ++*count;
      },
      &journal_, &woken);
  core_.run();
  EXPECT_EQ(woken, 0);
  append(form_one("a"));
  EXPECT_EQ(woken, 1);
  core_.advance(Duration{10});
  EXPECT_EQ(woken, 2);
  scope.settle();
}

}  // namespace
}  // namespace keel::journal
