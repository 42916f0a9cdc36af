#include "kernel/transaction.hpp"

#include <gtest/gtest.h>

#include "kernel/table.hpp"
#include "kernel/testing/recording_sink.hpp"

namespace keel::kernel {
namespace {

struct Put {
  static constexpr EventType kEventType{ModuleId(9), 1};
  static constexpr SchemaVersion kSchemaVersion{1};
  std::uint64_t key;
};

struct TransactionTest : ::testing::Test, EventApplier {
  void apply(const Event& event) override {
    table.insert(ByteReader(event.payload).read<std::uint64_t>().value(), 0);
  }

  const Context context{.now = Timestamp{1'000}, .entropy = {}};
  testing::RecordingSink sink{3};
  UndoLog undo;
  Table<std::uint64_t, std::uint64_t> table{TableId(ModuleId(9), 1), "test.rows", undo,
                                            HashSeed(1)};
  Bytes reply;
  Transaction tx{TenantId(1), context, sink, *this, undo, reply};
};

TEST_F(TransactionTest, the_decision_sees_what_it_has_emitted) {
  tx.emit(Put{.key = 7});
  EXPECT_TRUE(table.contains(7));
  const auto events = sink.take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].as<Put>().key, 7u);
  EXPECT_EQ(events[0].time, context.now);
}

TEST_F(TransactionTest, rollback_takes_back_events_state_and_reply_since_the_mark) {
  tx.emit(Put{.key = 1});
  tx.reply().push_back(std::byte{1});
  const Transaction::Mark mark = tx.mark();
  tx.emit(Put{.key = 2});
  tx.reply().push_back(std::byte{2});
  tx.rollback_to(mark);
  EXPECT_TRUE(table.contains(1));
  EXPECT_FALSE(table.contains(2));
  EXPECT_EQ(reply.size(), 1u);
  EXPECT_EQ(sink.take().size(), 1u);
}

TEST_F(TransactionTest, a_full_batch_is_told_and_the_decision_still_sees_its_own_effects) {
  const Transaction::Mark start = tx.mark();
  for (std::uint64_t key = 0; key < 5; ++key) tx.emit(Put{.key = key});
  EXPECT_TRUE(tx.overflowed());
  EXPECT_EQ(table.rows(), 5u);
  tx.rollback_to(start);
  EXPECT_EQ(table.rows(), 0u);
}

TEST_F(TransactionTest, every_fact_of_a_batch_has_a_time_of_its_own) {
  EXPECT_EQ(tx.last_timestamp(), context.now);
  EXPECT_EQ(tx.next_timestamp(), context.now);
  EXPECT_EQ(tx.next_timestamp().ns, context.now.ns + 1);
  EXPECT_EQ(tx.last_timestamp().ns, context.now.ns + 1);
}

}  // namespace
}  // namespace keel::kernel
