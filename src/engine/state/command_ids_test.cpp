#include "engine/state/command_ids.hpp"

#include <gtest/gtest.h>

#include <map>

#include "sim/world/random.hpp"

namespace keel::engine {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kDayMinutes = 24 * 60;

CommandIds::Entry entry_of(std::uint64_t id, std::uint64_t position, std::int64_t minute = 0) {
  return {.id = CommandId(id),
          .position = Position(position),
          .time = {minute * kMinuteNs + static_cast<std::int64_t>(position)},
          .tenant = TenantId(static_cast<std::uint32_t>(id % 3))};
}

TEST(CommandIds, keeps_a_small_reply_and_only_the_size_of_a_large_one) {
  CommandIds::Entry entry = entry_of(1, 1);
  const Bytes small(CommandIds::kInlineReplyBytes, std::byte{7});
  entry.keep_reply(small);
  EXPECT_TRUE(std::ranges::equal(*entry.kept_reply(), small));
  entry.keep_reply(Bytes(CommandIds::kInlineReplyBytes + 1));
  EXPECT_FALSE(entry.kept_reply().has_value());
}

TEST(CommandIds, is_full_at_its_limit_until_a_day_has_passed) {
  kernel::UndoLog undo;
  CommandIds ids(undo, kernel::HashSeed(1), 2);
  ids.insert(entry_of(1, 1));
  EXPECT_FALSE(ids.full({2}));
  ids.insert(entry_of(2, 2));
  EXPECT_TRUE(ids.full({2}));
  EXPECT_TRUE(ids.full({(kDayMinutes + 1) * kMinuteNs - 1}));
  EXPECT_FALSE(ids.full({(kDayMinutes + 1) * kMinuteNs}));
}

TEST(CommandIds, forgets_no_id_before_a_day_and_takes_it_again_afterwards) {
  kernel::UndoLog undo;
  CommandIds ids(undo, kernel::HashSeed(1), 1000);
  ids.insert(entry_of(7, 1));
  ids.insert(entry_of(8, 2, kDayMinutes));
  EXPECT_NE(ids.find(TenantId(1), CommandId(7)), nullptr);
  const kernel::UndoLog::Mark mark = undo.mark();
  ids.insert(entry_of(9, 3, kDayMinutes + 1));
  EXPECT_EQ(ids.find(TenantId(1), CommandId(7)), nullptr);
  undo.rollback_to(mark);
  EXPECT_NE(ids.find(TenantId(1), CommandId(7)), nullptr);
  ids.insert(entry_of(9, 3, kDayMinutes + 1));
  ids.insert(entry_of(7, 4, kDayMinutes + 1));
  EXPECT_EQ(ids.find(TenantId(1), CommandId(7))->position, Position(4));
  EXPECT_EQ(ids.size(), 3u);
}

// Inserts, days that pass and rollbacks in any order, beside a map; without an archive memory is
// given back.
TEST(CommandIds, agrees_with_a_map_whatever_happens) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    sim::Random random(seed);
    kernel::UndoLog undo;
    CommandIds ids(undo, kernel::HashSeed(seed * 77), 1 << 20);
    struct Kept {
      std::uint64_t id;
      std::int64_t minute;
    };
    std::map<std::uint64_t, Kept> expected;  // by position
    std::uint64_t position = 0;
    std::uint64_t next_id = 1;
    std::int64_t minute = 0;
    std::uint64_t most_bytes = 0;
    for (int step = 0; step < 3000; ++step) {
      const std::map<std::uint64_t, Kept> before = expected;
      const kernel::UndoLog::Mark mark = undo.mark();
      const std::uint64_t position_before = position;
      const std::int64_t minute_before = minute;
      if (random.below(4) == 0) minute += static_cast<std::int64_t>(random.below(400));
      for (std::uint64_t i = random.below(12); i > 0; --i) {
        // Sometimes one that has been forgotten.
        const std::uint64_t again = random.below(next_id) + 1;
        const TenantId tenant(static_cast<std::uint32_t>(again % 3));
        const bool returns = random.below(5) == 0 && ids.find(tenant, CommandId(again)) == nullptr;
        const std::uint64_t id = returns ? again : next_id++;
        ids.insert(entry_of(id, ++position, minute));
        std::erase_if(expected,
                      [&](const auto& e) { return e.second.minute + kDayMinutes + 1 <= minute; });
        expected.emplace(position, Kept{.id = id, .minute = minute});
      }
      if (random.below(10) == 0) {
        undo.rollback_to(mark);
        expected = before;
        position = position_before;
        minute = minute_before;
      }
      undo.forget_until(undo.mark());
      ids.let_go_before(ids.first_kept(), 64);
      most_bytes = std::max(most_bytes, ids.bytes());
      ASSERT_EQ(ids.size(), expected.size());
    }
    std::map<std::uint64_t, std::uint64_t> position_of;
    for (const auto& [at, kept] : expected) position_of[kept.id] = at;
    for (std::uint64_t id = 1; id < next_id; ++id) {
      const TenantId tenant(static_cast<std::uint32_t>(id % 3));
      EXPECT_EQ(ids.find(TenantId(9), CommandId(id)), nullptr);
      const CommandIds::Entry* found = ids.find(tenant, CommandId(id));
      ASSERT_EQ(found != nullptr, position_of.contains(id)) << id;
      if (found != nullptr) EXPECT_EQ(found->position, Position(position_of[id]));
    }
    EXPECT_LT(most_bytes, 2'000'000u) << "of some 16,000 ids in all";
  }
}

}  // namespace
}  // namespace keel::engine
