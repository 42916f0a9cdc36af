#include "engine/state/command_ids.hpp"

#include <gtest/gtest.h>

#include <map>

#include "sim/world/random.hpp"

namespace keel::engine {
namespace {

CommandIds::Entry entry_of(std::uint64_t id, std::uint64_t position) {
  return {.id = CommandId(id),
          .position = Position(position),
          .time = {static_cast<std::int64_t>(position)},
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

TEST(CommandIds, is_full_at_its_limit) {
  CommandIds ids(2, 1);
  ids.insert(entry_of(1, 1));
  EXPECT_FALSE(ids.full());
  ids.insert(entry_of(2, 2));
  EXPECT_TRUE(ids.full());
  ids.drop_before({2}, 10);
  EXPECT_FALSE(ids.full());
}

// Inserts, rollbacks and drops in any order, beside a std::map.
TEST(CommandIds, agrees_with_a_map_whatever_happens) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    sim::Random random(seed);
    // Half of them pass the place where the numbers of marks begin again.
    const std::uint64_t first_mark = seed % 2 == 0 ? 0 : std::uint64_t{UINT32_MAX} - 2000;
    CommandIds ids(1 << 20, seed * 77, first_mark);
    std::map<std::uint64_t, std::uint64_t> expected;  // id by mark
    std::uint64_t position = 0;
    std::uint64_t next_id = 1;
    for (int step = 0; step < 3000; ++step) {
      const std::uint64_t what = random.below(100);
      if (what < 90) {
        for (std::uint64_t i = random.below(8); i > 0; --i) {
          expected.emplace(ids.mark(), next_id);
          ids.insert(entry_of(next_id++, ++position));
        }
      } else if (what < 95) {
        const std::uint64_t back = random.below(std::min<std::uint64_t>(ids.size(), 1500) + 1);
        const std::uint64_t to = ids.mark() - back;
        ids.rollback_to(to);
        expected.erase(expected.lower_bound(to), expected.end());
      } else if (ids.size() > 0) {
        const std::uint64_t drop = random.below(ids.size() / 2 + 1);
        const std::uint64_t first_kept = ids.oldest() + drop;
        ids.drop_before({INT64_MAX}, drop);
        expected.erase(expected.begin(), expected.lower_bound(first_kept));
      }
      ASSERT_EQ(ids.size(), expected.size());
    }
    for (std::uint64_t id = 1; id < next_id; ++id) {
      const TenantId tenant(static_cast<std::uint32_t>(id % 3));
      EXPECT_EQ(ids.find(TenantId(9), CommandId(id)), nullptr);
      const bool there =
          std::ranges::any_of(expected, [id](const auto& e) { return e.second == id; });
      ASSERT_EQ(ids.find(tenant, CommandId(id)) != nullptr, there) << id;
    }
    for (const auto& [mark, id] : expected) EXPECT_EQ(ids.at(mark).id, CommandId(id));
  }
}

}  // namespace
}  // namespace keel::engine
