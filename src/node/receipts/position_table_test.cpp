#include "node/receipts/position_table.hpp"

#include <gtest/gtest.h>

#include "sim/world/rig.hpp"

namespace keel::node {
namespace {

using runtime::Task;
using sim::quiet_world;
using sim::Rig;

constexpr TenantId kOne(1);
constexpr TenantId kTwo(2);

// What the table says of a number, and of the one before that.
Task<std::vector<std::uint64_t>> all_of(PositionTable* table, PositionTable::Key key) {
  std::vector<std::uint64_t> positions;
  auto position = (co_await table->newest(key)).value();
  while (position) {
    positions.push_back(position->value());
    position = (co_await table->before(key.tenant, *position)).value();
  }
  co_return positions;
}

using Positions = std::vector<std::uint64_t>;

TEST(PositionTable, keeps_the_newest_position_of_each_number_and_those_before) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        PositionTable table(r->core().disk(), "receipts");
        EXPECT_TRUE((co_await all_of(&table, {kOne, 1})).empty());
        EXPECT_TRUE((co_await table.put({kOne, 1}, Position(10))).ok());
        EXPECT_TRUE((co_await table.put({kTwo, 1}, Position(11))).ok());
        EXPECT_TRUE((co_await table.put({kOne, 3}, Position(12))).ok());
        EXPECT_TRUE((co_await table.put({kOne, 1}, Position(13))).ok());
        EXPECT_TRUE((co_await table.put({kOne, 3}, Position(14))).ok());
        EXPECT_TRUE((co_await table.put({kOne, 1}, Position(15))).ok());
        EXPECT_EQ(co_await all_of(&table, {kOne, 1}), (Positions{15, 13, 10}));
        EXPECT_EQ(co_await all_of(&table, {kTwo, 1}), (Positions{11}));
        EXPECT_EQ(co_await all_of(&table, {kOne, 3}), (Positions{14, 12}));
        EXPECT_TRUE((co_await all_of(&table, {kOne, 2})).empty());
        EXPECT_TRUE((co_await all_of(&table, {kOne, 4})).empty());
        EXPECT_TRUE((co_await table.clear()).ok());
        EXPECT_TRUE((co_await all_of(&table, {kOne, 1})).empty());
      },
      &rig);
}

TEST(PositionTable, what_comes_again_changes_nothing) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        for (int time = 0; time < 3; ++time) {
          PositionTable table(r->core().disk(), "receipts");
          EXPECT_TRUE((co_await table.put({kOne, 1}, Position(10))).ok());
          EXPECT_TRUE((co_await table.put({kOne, 2}, Position(11))).ok());
          EXPECT_TRUE((co_await table.put({kOne, 1}, Position(12))).ok());
          EXPECT_TRUE((co_await table.put({kOne, 1}, Position(13))).ok());
          EXPECT_TRUE((co_await table.sync()).ok());
          EXPECT_EQ(co_await all_of(&table, {kOne, 1}), (Positions{13, 12, 10}));
          EXPECT_EQ(co_await all_of(&table, {kOne, 2}), (Positions{11}));
        }
      },
      &rig);
}

// Power goes at some moment, and may leave anything in the page that was being written; then
// everything comes again from the beginning.
TEST(PositionTable, is_whole_again_after_the_power_went) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Rig rig(quiet_world(seed));
    const std::uint64_t puts = seed % 8;
    rig.run(
        +[](Rig* r, std::uint64_t count) -> Task<> {
          PositionTable table(r->core().disk(), "receipts");
          for (std::uint64_t i = 0; i < count; ++i)
            KEEL_ASSERT((co_await table.put({kOne, 1}, Position(10 + i))).ok());
        },
        &rig, puts);
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.run(
        +[](Rig* r) -> Task<> {
          PositionTable table(r->core().disk(), "receipts");
          if (!(co_await table.plausible(Position(17))).value())
            KEEL_ASSERT((co_await table.clear()).ok());
          for (std::uint64_t i = 0; i < 8; ++i)
            KEEL_ASSERT((co_await table.put({kOne, 1}, Position(10 + i))).ok());
          EXPECT_EQ(co_await all_of(&table, {kOne, 1}),
                    (Positions{17, 16, 15, 14, 13, 12, 11, 10}));
        },
        &rig);
  }
}

}  // namespace
}  // namespace keel::node
