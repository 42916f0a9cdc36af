#include "node/timeline/thread_index.hpp"

#include <gtest/gtest.h>

#include "node/timeline/errors.hpp"
#include "sim/world/rig.hpp"

namespace keel::node {
namespace {

using runtime::Task;
using sim::quiet_world;
using sim::Rig;

using Numbers = std::vector<std::uint64_t>;

constexpr Thread kFirst{.tenant = TenantId(1), .id = 7};
constexpr Thread kOtherTenant{.tenant = TenantId(2), .id = 7};
constexpr Thread kOtherKind{.tenant = TenantId(1), .kind = Thread::Kind::correlation, .id = 7};

Task<Numbers> numbers(ThreadIndex* index, Thread thread, std::size_t most = 100) {
  Numbers all;
  const auto positions = co_await index->positions(thread, most);
  EXPECT_TRUE(positions.ok()) << positions.error().to_string();
  if (positions.ok())
    for (const Position each : *positions) all.push_back(each.value());
  co_return all;
}

Task<> put(ThreadIndex* index, Thread thread, std::uint64_t position) {
  EXPECT_TRUE((co_await index->put(thread, Position(position))).ok());
}

TEST(ThreadIndex, keeps_the_positions_of_each_thread_in_order_stored_or_not) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        ThreadIndex index(r->core().disk(), "timelines");
        EXPECT_TRUE((co_await numbers(&index, kFirst)).empty());
        EXPECT_TRUE((co_await index.open()).ok());
        co_await put(&index, kFirst, 3);
        co_await put(&index, kOtherTenant, 4);
        co_await put(&index, kFirst, 5);
        EXPECT_EQ(co_await numbers(&index, kFirst), (Numbers{3, 5}));
        EXPECT_TRUE((co_await index.store()).ok());
        co_await put(&index, kOtherKind, 6);
        co_await put(&index, kFirst, 9);
        EXPECT_EQ(co_await numbers(&index, kFirst), (Numbers{3, 5, 9}));
        EXPECT_EQ(co_await numbers(&index, kFirst, 2), (Numbers{5, 9}));
        EXPECT_EQ(co_await numbers(&index, kOtherTenant), (Numbers{4}));
        EXPECT_EQ(co_await numbers(&index, kOtherKind), (Numbers{6}));
        EXPECT_TRUE((co_await index.clear()).ok());
        EXPECT_TRUE((co_await numbers(&index, kFirst)).empty());
      },
      &rig);
}

TEST(ThreadIndex, what_comes_again_after_a_restart_changes_nothing) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        for (std::uint64_t time = 0; time < 3; ++time) {
          ThreadIndex index(r->core().disk(), "timelines");
          EXPECT_TRUE((co_await index.open()).ok());
          for (std::uint64_t position = 1; position <= 20 + time; ++position)
            co_await put(&index, position % 2 == 0 ? kFirst : kOtherKind, position);
          EXPECT_TRUE((co_await index.store()).ok());
        }
        ThreadIndex index(r->core().disk(), "timelines");
        EXPECT_TRUE((co_await index.open()).ok());
        EXPECT_EQ(co_await numbers(&index, kFirst),
                  (Numbers{2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22}));
        EXPECT_EQ((co_await numbers(&index, kOtherKind)).size(), 11u);
      },
      &rig);
}

}  // namespace
}  // namespace keel::node
