#include "engine/testing/test_cell.hpp"

namespace keel::engine::test {
namespace {

TEST_F(CellTest, decides_journals_and_answers) {
  open();
  Asked& add = send(AddCommand{.counter = 1, .amount = 40}, 1);
  Asked& more = send(AddCommand{.counter = 1, .amount = 2}, 2);
  run();
  EXPECT_EQ(add.code(), 0);
  EXPECT_EQ(add.number(), 40);
  EXPECT_EQ(more.number(), 42);
  EXPECT_LT(add.answer.position, more.answer.position);
  EXPECT_LT(add.answer.time, more.answer.time);
  EXPECT_EQ(value(1), 42);
  EXPECT_EQ(value(1, TenantId(2)), 0);
}

TEST_F(CellTest, refuses_everything_when_nothing_is_allowed) {
  const DenyAll deny_all;
  authorizer_ = &deny_all;
  open();
  Asked& add = send(AddCommand{.counter = 1, .amount = 40}, 1);
  Asked& query = ask_value(1);
  run();
  EXPECT_TRUE(add.failed(kNotAllowed));
  EXPECT_TRUE(query.failed(kNotAllowed));
  EXPECT_TRUE(cell_->durable().is_zero());
}

TEST_F(CellTest, refuses_what_is_malformed_and_writes_nothing) {
  open();
  EXPECT_TRUE(send(AddCommand{.counter = 1, .amount = 1}, 0).error.has_value() == false);
  Asked& no_type = submit(kernel::Command{.id = CommandId(1), .type = {kCounters, 99}});
  Asked& no_module = submit(kernel::Command{.id = CommandId(1), .type = {kernel::ModuleId(77), 1}});
  Asked& no_query = submit(kernel::Query{.type = {kCounters, 99}});
  Asked& nothing = send(AddCommand{.counter = 1, .amount = 0}, 3);
  run();
  EXPECT_TRUE(asked_.front().failed(kNoCommandId));
  EXPECT_TRUE(no_type.failed(kNoSuchCommand));
  EXPECT_TRUE(no_module.failed(kNoSuchCommand));
  EXPECT_TRUE(no_query.failed(kNoSuchQuery));
  EXPECT_TRUE(nothing.failed(kAddsNothing));
  EXPECT_TRUE(cell_->durable().is_zero());
  EXPECT_EQ(cell_->statistics().malformed, 5u);
}

TEST_F(CellTest, answers_nothing_before_it_is_durable) {
  open();
  held_->hold();
  Asked& add = send(AddCommand{.counter = 1, .amount = 40}, 1);
  run();
  Asked& refused = send(AddCommand{.counter = 1, .amount = 5000}, 2);
  Asked& again = send(AddCommand{.counter = 1, .amount = 40}, 1);
  Asked& other_body = send(AddCommand{.counter = 1, .amount = 41}, 1);
  Asked& query = ask_value(1);
  run();
  for (const Asked* asked : {&add, &refused, &again, &other_body, &query}) {
    EXPECT_FALSE(asked->ended());
  }
  held_->let_go();
  run();
  EXPECT_EQ(add.code(), 0);
  EXPECT_EQ(refused.code(), kOverLimit);
  EXPECT_EQ(again.code(), 0);
  EXPECT_TRUE(again.answer.repeated);
  EXPECT_EQ(again.answer.position, add.answer.position);
  EXPECT_TRUE(other_body.failed(kCommandIdReused));
  EXPECT_EQ(query.number(), 40);
  EXPECT_EQ(cell_->statistics().groups, 2u);
}

TEST_F(CellTest, forms_one_group_while_another_is_on_its_way) {
  open();
  held_->hold();
  send(AddCommand{.counter = 1, .amount = 1}, 1);
  run();
  for (std::uint64_t id = 2; id <= 100; ++id) send(AddCommand{.counter = 1, .amount = 1}, id);
  run();
  held_->let_go();
  run();
  EXPECT_EQ(cell_->statistics().groups, 2u);
  EXPECT_EQ(cell_->statistics().most_commands_a_group, 99u);
  EXPECT_EQ(value(1), 100);
}

TEST_F(CellTest, packs_rows_that_follow_one_another_into_one_record) {
  open();
  Asked& add = send(AddCommand{.counter = 1, .amount = 1, .times = 500}, 1);
  run();
  EXPECT_EQ(add.number(), 500);
  EXPECT_EQ(cell_->durable(), Position(2));  // the rows and the outcome
}

TEST_F(CellTest, same_id_same_answer_also_after_a_restart) {
  open();
  Asked& add = send(AddCommand{.counter = 1, .amount = 40}, 1);
  Asked& refused = send(AddCommand{.counter = 1, .amount = 5000}, 2);
  Asked& large = send(EchoCommand{.size_bytes = 3000}, 3);
  run();
  for (int round = 0; round < 2; ++round) {
    Asked& add_again = send(AddCommand{.counter = 1, .amount = 40}, 1);
    Asked& refused_again = send(AddCommand{.counter = 1, .amount = 5000}, 2);
    Asked& large_again = send(EchoCommand{.size_bytes = 3000}, 3);
    Asked& other_body = send(EchoCommand{.size_bytes = 3001}, 3);
    run();
    EXPECT_TRUE(add_again.answer.repeated);
    EXPECT_EQ(add_again.number(), 40);
    EXPECT_EQ(add_again.answer.time, add.answer.time);
    EXPECT_EQ(refused_again.code(), kOverLimit);
    EXPECT_EQ(refused_again.answer.position, refused.answer.position);
    EXPECT_EQ(large_again.code(), 0);
    EXPECT_EQ(large_again.answer.payload, large.answer.payload);
    EXPECT_TRUE(other_body.failed(kCommandIdReused));
    reopen();
  }
  EXPECT_EQ(value(1), 40);
}

TEST_F(CellTest, the_same_id_of_another_tenant_is_another_command) {
  open();
  send(AddCommand{.counter = 1, .amount = 40}, 1, TenantId(1));
  Asked& other = send(AddCommand{.counter = 1, .amount = 2}, 1, TenantId(2));
  run();
  EXPECT_FALSE(other.answer.repeated);
  EXPECT_EQ(other.number(), 2);
}

TEST_F(CellTest, a_failed_command_may_be_tried_again_under_its_id) {
  open();
  Asked& nothing = send(AddCommand{.counter = 1, .amount = 0}, 1);
  run();
  Asked& something = send(AddCommand{.counter = 1, .amount = 1}, 1);
  run();
  EXPECT_TRUE(nothing.failed(kAddsNothing));
  EXPECT_EQ(something.code(), 0);
}

TEST_F(CellTest, expected_revision_is_the_tenants_own) {
  open();
  Asked& first = send(AddCommand{.counter = 1, .amount = 1}, 1, TenantId(1), Position(0));
  Asked& stale = send(AddCommand{.counter = 1, .amount = 1}, 2, TenantId(1), Position(0));
  send(AddCommand{.counter = 1, .amount = 1}, 3, TenantId(2));
  run();
  Asked& unchanged = send(AddCommand{.counter = 1, .amount = 5000}, 4, TenantId(1));
  run();
  EXPECT_TRUE(stale.failed(kWrongRevision));
  EXPECT_EQ(unchanged.code(), kOverLimit);
  EXPECT_EQ(unchanged.answer.revision, first.answer.position);
  reopen();
  Asked& next = send(AddCommand{.counter = 1, .amount = 1}, 5, TenantId(1), first.answer.position);
  run();
  EXPECT_EQ(next.code(), 0);
}

TEST_F(CellTest, replay_arrives_at_the_same_state) {
  open();
  for (std::uint64_t id = 1; id <= 300; ++id) {
    send(AddCommand{.counter = id % 7, .amount = 1, .times = id % 3 + 1}, id,
         TenantId(static_cast<std::uint32_t>(id % 5)));
    if (id % 10 == 0) send(RemindCommand{.counter = 3, .after_ns = 1'000'000}, 1000 + id);
    if (id % 50 == 0) run();
  }
  run_for(Duration::seconds(1));
  run();
  const Digest live = cell_->state_hash();
  reopen();
  EXPECT_EQ(cell_->state_hash(), live);
  EXPECT_EQ(cell_->replay_report().last, cell_->durable());
}

TEST_F(CellTest, a_refused_group_is_taken_back_with_all_on_top_and_reads_go_on) {
  open();
  send(AddCommand{.counter = 1, .amount = 40}, 1);
  run();
  const Digest before = cell_->state_hash();
  held_->hold();
  memory_->answer(journal::MemoryJournal::Answer::refused);
  Asked& add = send(AddCommand{.counter = 1, .amount = 1}, 2);
  run();
  Asked& on_top = send(AddCommand{.counter = 1, .amount = 2}, 3);
  Asked& repeated = send(AddCommand{.counter = 1, .amount = 1}, 2);
  Asked& query = ask_value(1);
  run();
  held_->let_go();
  run();
  EXPECT_TRUE(add.failed(kJournalRefused));
  EXPECT_TRUE(on_top.failed(kJournalRefused));
  EXPECT_TRUE(repeated.failed(kJournalRefused));
  EXPECT_EQ(query.number(), 40);
  EXPECT_EQ(cell_->state_hash(), before);
  EXPECT_EQ(value(1), 40);

  memory_->answer(journal::MemoryJournal::Answer::durable);
  Asked& again = send(AddCommand{.counter = 1, .amount = 1}, 2);
  run();
  EXPECT_EQ(again.number(), 41);
  EXPECT_FALSE(again.answer.repeated);
  reopen();
  EXPECT_EQ(value(1), 41);
}

TEST_F(CellTest, a_repeated_answer_tells_no_revision_that_is_taken_back) {
  open();
  Asked& first = send(AddCommand{.counter = 1, .amount = 40}, 1);
  run();
  held_->hold();
  memory_->answer(journal::MemoryJournal::Answer::refused);
  send(AddCommand{.counter = 1, .amount = 1}, 2);
  run();
  Asked& again = send(AddCommand{.counter = 1, .amount = 40}, 1);
  Asked& query = ask_value(1);
  run();
  EXPECT_FALSE(again.ended());
  held_->let_go();
  run();
  EXPECT_EQ(again.code(), 0);
  EXPECT_TRUE(again.answer.repeated);
  EXPECT_EQ(again.number(), 40);
  EXPECT_EQ(again.answer.revision, first.answer.revision);
  EXPECT_EQ(query.answer.revision, first.answer.revision);
  EXPECT_EQ(query.answer.time, first.answer.time);
  memory_->answer(journal::MemoryJournal::Answer::durable);
}

TEST_F(CellTest, an_unknown_outcome_ends_the_cell_and_a_retry_finds_out) {
  for (const auto answer : {journal::MemoryJournal::Answer::unknown_and_lost,
                            journal::MemoryJournal::Answer::unknown_and_written}) {
    history_ = {};
    open();
    held_->hold();
    memory_->answer(answer);
    Asked& add = send(AddCommand{.counter = 1, .amount = 40}, 1);
    run();
    Asked& query = ask_value(1);
    run();
    held_->let_go();
    run();
    EXPECT_TRUE(add.failed(kOutcomeUnknown));
    EXPECT_TRUE(query.failed(kOutcomeUnknown));
    Asked& late = send(AddCommand{.counter = 1, .amount = 2}, 2);
    run();
    EXPECT_TRUE(late.failed(kStopping));
    EXPECT_TRUE(close().error().is(kOutcomeUnknown));

    open();
    Asked& retry = send(AddCommand{.counter = 1, .amount = 40}, 1);
    run();
    EXPECT_EQ(retry.number(), 40);
    EXPECT_EQ(retry.answer.repeated, answer == journal::MemoryJournal::Answer::unknown_and_written);
    EXPECT_EQ(value(1), 40);
    EXPECT_TRUE(close().ok());
  }
}

TEST_F(CellTest, a_full_queue_refuses_at_once) {
  open({.waiting_limit = 2});
  send(AddCommand{.counter = 1, .amount = 1}, 1);
  send(AddCommand{.counter = 1, .amount = 1}, 2);
  Asked& third = send(AddCommand{.counter = 1, .amount = 1}, 3);
  EXPECT_TRUE(third.failed(kQueueFull));
  run();
  EXPECT_EQ(value(1), 2);
}

TEST_F(CellTest, stop_answers_what_was_accepted) {
  open();
  held_->hold();
  Asked& first = send(AddCommand{.counter = 1, .amount = 1}, 1);
  run();
  Asked& second = send(AddCommand{.counter = 1, .amount = 1}, 2);
  cell_->stop();
  Asked& late = send(AddCommand{.counter = 1, .amount = 1}, 3);
  run();
  EXPECT_TRUE(late.failed(kStopping));
  EXPECT_FALSE(first.ended());
  held_->let_go();
  run();
  EXPECT_EQ(first.code(), 0);
  EXPECT_EQ(second.code(), 0);
}

TEST_F(CellTest, a_full_table_of_ids_refuses_new_commands_and_knows_the_old) {
  open({.state = {.command_ids = 2}});
  send(AddCommand{.counter = 1, .amount = 1}, 1);
  send(AddCommand{.counter = 1, .amount = 1}, 2);
  Asked& third = send(AddCommand{.counter = 1, .amount = 1}, 3);
  Asked& again = send(AddCommand{.counter = 1, .amount = 1}, 1);
  run();
  EXPECT_TRUE(third.failed(kCommandIdsFull));
  EXPECT_TRUE(again.answer.repeated);

  // A day later the old ids make room, one group at a time.
  run_for(Duration::seconds(24 * 60 * 60 + 61));
  reopen({.state = {.command_ids = 3}});
  Asked& fourth = send(AddCommand{.counter = 1, .amount = 1}, 4);
  run();
  Asked& fifth = send(AddCommand{.counter = 1, .amount = 1}, 5);
  run();
  EXPECT_EQ(fourth.code(), 0);
  EXPECT_EQ(fifth.code(), 0);
  EXPECT_EQ(cell_->statistics().command_ids, 2u);
}

TEST_F(CellTest, one_tenant_too_many_is_refused_and_counted_and_the_others_go_on) {
  open({.state = {.tenants = 2}});
  Asked& first = send(AddCommand{.counter = 1, .amount = 1}, 1, TenantId(1));
  Asked& second = send(AddCommand{.counter = 1, .amount = 1}, 2, TenantId(2));
  run();
  std::vector<Asked*> more;
  for (std::uint64_t id = 3; id <= 20; ++id) {
    const TenantId tenant(static_cast<std::uint32_t>(id));
    more.push_back(&send(AddCommand{.counter = 1, .amount = 1}, id, tenant));
  }
  Asked& again = send(AddCommand{.counter = 1, .amount = 1}, 21, TenantId(1));
  run();
  EXPECT_EQ(first.code(), 0);
  EXPECT_EQ(second.code(), 0);
  EXPECT_EQ(again.code(), 0);
  for (const Asked* one : more) EXPECT_TRUE(one->failed(kTooManyTenants));
  EXPECT_EQ(cell_->statistics().shed, more.size());
}

TEST_F(CellTest, a_command_that_fits_no_group_is_refused_and_one_that_fits_waits_for_the_next) {
  open();
  Asked& too_large = send(EchoCommand{.size_bytes = std::size_t{2} << 20}, 1);
  Asked& large = send(EchoCommand{.size_bytes = 400'000}, 2);
  Asked& next = send(EchoCommand{.size_bytes = 400'000}, 3);
  run();
  EXPECT_TRUE(too_large.failed(kCommandTooLarge));
  EXPECT_EQ(large.code(), 0);
  EXPECT_EQ(next.code(), 0);
  EXPECT_EQ(cell_->statistics().groups, 2u);
}

TEST_F(CellTest, time_brings_what_is_due_before_any_later_command) {
  open();
  send(RemindCommand{.counter = 1, .after_ns = 5'000'000'000}, 1, TenantId(3));
  run_for(Duration::seconds(4));
  EXPECT_EQ(cell_->statistics().time_events, 0u);
  run_for(Duration::seconds(2));
  EXPECT_EQ(cell_->statistics().time_events, 1u);
  EXPECT_EQ(value(1, TenantId(3)), 1);
  reopen();
  EXPECT_EQ(value(1, TenantId(3)), 1);
}

TEST_F(CellTest, time_comes_in_bounded_batches) {
  open();
  for (std::uint64_t id = 1; id <= 200; ++id) {
    send(RemindCommand{.counter = 1, .after_ns = 1'000'000'000}, id);
  }
  run_for(Duration::seconds(3));
  EXPECT_EQ(cell_->statistics().time_events, 200u);
  EXPECT_GE(cell_->statistics().time_batches, 4u);
  EXPECT_EQ(value(1), 200);
}

TEST_F(CellTest, cell_time_never_runs_backwards_and_holds_at_a_jump) {
  open();
  Asked& first = send(AddCommand{.counter = 1, .amount = 1}, 1);
  run();
  machine_.jump_wall_clock(Duration::seconds(-3600));
  Asked& second = send(AddCommand{.counter = 1, .amount = 1}, 2);
  run();
  EXPECT_GT(second.answer.time, first.answer.time);
  EXPECT_TRUE(cell_->statistics().clock_held);
  machine_.jump_wall_clock(Duration::seconds(3600));
  send(AddCommand{.counter = 1, .amount = 1}, 3);
  run();
  EXPECT_FALSE(cell_->statistics().clock_held);
  EXPECT_EQ(cell_->statistics().clock_holds, 1u);

  machine_.jump_wall_clock(Duration::seconds(7200));
  Asked& held = send(AddCommand{.counter = 1, .amount = 1}, 4);
  run();
  EXPECT_LT(held.answer.time - first.answer.time, Duration::seconds(3600));
  cell_->accept_wall_clock();
  Asked& accepted = send(AddCommand{.counter = 1, .amount = 1}, 5);
  run();
  EXPECT_GT(accepted.answer.time - held.answer.time, Duration::seconds(3600));
}

}  // namespace
}  // namespace keel::engine::test
