#include "node/timeline/key_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "node/timeline/errors.hpp"
#include "sim/world/rig.hpp"

namespace keel::node {
namespace {

using runtime::Task;
using sim::quiet_world;
using sim::Rig;

constexpr runtime::OpenFile kHow{.write = true, .create = true};

Task<std::unique_ptr<KeyTable>> open_table(Rig* rig) {
  co_return std::make_unique<KeyTable>((co_await rig->core().disk().open("keys", kHow)).value());
}

// Numbers that are spread as digests are (splitmix64).
std::uint64_t spread(std::uint64_t number) {
  number += 0x9e37'79b9'7f4a'7c15;
  number = (number ^ (number >> 30)) * 0xbf58'476d'1ce4'e5b9;
  number = (number ^ (number >> 27)) * 0x94d0'49bb'1331'11eb;
  return number ^ (number >> 31);
}

TEST(KeyTable, finds_what_was_put_over_several_levels_and_again_when_opened_anew) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        constexpr std::uint64_t kKeys = 4'000;  // more than the first two levels take
        auto table = co_await open_table(r);
        for (std::uint64_t i = 1; i <= kKeys; ++i)
          EXPECT_TRUE((co_await table->put(spread(i), i)).ok());
        for (std::uint64_t i = 1; i <= kKeys; i += 3)
          EXPECT_TRUE((co_await table->put(spread(i), i + 1'000'000)).ok());
        table = co_await open_table(r);
        for (std::uint64_t i = 1; i <= kKeys; ++i)
          EXPECT_EQ((co_await table->get(spread(i))).value(), i % 3 == 1 ? i + 1'000'000 : i);
        for (std::uint64_t i = kKeys + 1; i <= 2 * kKeys; ++i)
          EXPECT_EQ((co_await table->get(spread(i))).value(), 0u);
      },
      &rig);
}

TEST(KeyTable, keys_that_share_their_pages_end_in_a_refusal) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto table = co_await open_table(r);
        constexpr std::uint64_t kRoom = KeyTable::kSlots * KeyTable::kLevels;
        for (std::uint64_t i = 1; i <= kRoom; ++i)
          EXPECT_TRUE((co_await table->put(uint128{i} << 64, i)).ok());
        EXPECT_TRUE((co_await table->put(uint128{kRoom + 1} << 64, 1)).error().is(kTimelineFull));
        EXPECT_TRUE((co_await table->put(uint128{kRoom} << 64, 7)).ok());
        EXPECT_EQ((co_await table->get(uint128{kRoom} << 64)).value(), 7u);
        EXPECT_EQ((co_await table->get(uint128{kRoom + 1} << 64)).value(), 0u);
      },
      &rig);
}

}  // namespace
}  // namespace keel::node
