#include "node/timeline/session_threads.hpp"

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "sim/world/rig.hpp"

namespace keel::node {
namespace {

using charging::SessionNumber;
using runtime::Task;
using sim::Rig;

constexpr TenantId kTenant{1};
constexpr std::uint64_t kRecords = 60;

// Records from `after` on, as a cell gives them: readings of two sessions in turn.
engine::FrameBatch records_after(Position after, std::uint64_t upto) {
  engine::FrameBatch batch;
  for (std::uint64_t position = after.value() + 1; position <= upto; ++position) {
    charging::ReadingsRecorded recorded;
    recorded.session = SessionNumber(static_cast<std::uint32_t>(position % 2 + 1));
    Bytes payload;
    encode(recorded, payload);
    batch.add({.envelope = {.sequence = Position(position),
                            .tenant = kTenant,
                            .type = charging::ReadingsRecorded::kEventType.value(),
                            .schema_version = 1},
               .payload = payload});
  }
  return batch;
}

// Stores in the middle and at the end; what fails is left.
Task<> follow(Rig* rig, std::uint64_t upto) {
  SessionThreads threads(rig->core(), "timelines");
  for (std::uint64_t to = upto / 2; to <= upto; to += upto / 2) {
    const auto position = co_await threads.position();
    if (!position.ok()) co_return;
    const engine::FrameBatch batch = records_after(*position, to);
    if (!(co_await threads.take(batch, Position(to), {})).ok()) co_return;
    if (!(co_await threads.store()).ok()) co_return;
  }
}

Task<std::uint64_t> positions_of(SessionThreads* threads, std::uint32_t session) {
  const auto positions =
      co_await threads->index().positions({.tenant = kTenant, .id = session}, 1'000);
  EXPECT_TRUE(positions.ok()) << positions.error().to_string();
  if (!positions.ok()) co_return 0;
  std::uint64_t expected = session == 1 ? 2 : 1;
  for (const Position each : *positions) {
    EXPECT_EQ(each.value(), expected);
    expected += 2;
  }
  co_return positions->size();
}

Task<> expect_all(Rig* rig) {
  SessionThreads threads(rig->core(), "timelines");
  const Position position = (co_await threads.position()).value();
  EXPECT_LE(position.value(), kRecords);
  const engine::FrameBatch batch = records_after(position, kRecords);
  EXPECT_TRUE((co_await threads.take(batch, Position(kRecords), {})).ok());
  EXPECT_EQ(co_await positions_of(&threads, 1), kRecords / 2);
  EXPECT_EQ(co_await positions_of(&threads, 2), kRecords / 2);
}

TEST(SessionThreads, is_whole_again_after_the_power_went_before_any_of_its_writes) {
  std::uint64_t cuts = 0;
  for (std::uint64_t write = 0; write < 60; ++write) {
    Rig rig({.seed = write + 1});
    rig.run(follow, &rig, std::uint64_t{20});
    rig.machine.power().cut_before_write = rig.machine.power().writes_begun + write;
    rig.run(follow, &rig, kRecords);
    cuts += rig.machine.power().on ? 0 : 1;
    rig.machine.power().cut_before_write = UINT64_MAX;
    rig.machine.cut_power();
    rig.machine.restore_power();
    rig.run(expect_all, &rig);
  }
  EXPECT_GE(cuts, 10u);
}

TEST(SessionThreads, is_of_charging_and_of_what_came_of_its_requests) {
  Rig rig(sim::quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        SessionThreads threads(r->core(), "timelines");
        EXPECT_EQ((co_await threads.position()).value(), Position{});
        Bytes payload;
        encode(charging::TokenChecked{.station = "CP-1"}, payload);
        engine::FrameBatch batch;
        batch.add({.envelope = {.sequence = Position(4),
                                .tenant = kTenant,
                                .correlation = CorrelationId(9),
                                .type = charging::TokenChecked::kEventType.value()},
                   .payload = payload});
        EXPECT_TRUE((co_await threads.take(batch, Position(5), {})).ok());
        EXPECT_EQ((co_await threads.position()).value(), Position(5));
        const auto found = co_await threads.index().positions(
            {.tenant = kTenant, .kind = Thread::Kind::correlation, .id = 9}, 10);
        EXPECT_EQ(found.value(), std::vector{Position(4)});
      },
      &rig);
}

}  // namespace
}  // namespace keel::node
