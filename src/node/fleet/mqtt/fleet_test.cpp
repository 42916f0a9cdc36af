#include "node/fleet/mqtt/fleet.hpp"

#include <gtest/gtest.h>

#include "node/fleet/errors.hpp"
#include "node/fleet/mqtt/numbers_seen.hpp"
#include "node/fleet/mqtt/test_broker.hpp"
#include "sim/world/world.hpp"

namespace keel::node {
namespace {

using runtime::Task;

struct Told {
  MqttFleetResult result;
  std::uint64_t missing = 0;
  bool done = false;
};

Task<> run_fleet(MqttFleet* fleet, runtime::Wait wait) {
  co_await fleet->run(Duration::seconds(1), wait);
}

Task<> drive(runtime::Core* core, MqttFleetOptions options, Told* told, TestBroker* broker) {
  static_cast<void>(co_await core->sleep_until(Timestamp{1'000'000}, {}));
  MqttFleet fleet(*core, std::move(options), 7);
  const Result<> connected = co_await fleet.connect({});
  EXPECT_TRUE(connected.ok());
  runtime::Scope scope(*core);
  scope.spawn(run_fleet, &fleet, scope.wait());
  static_cast<void>(co_await core->sleep_until(core->now() + Duration::seconds(2), {}));
  fleet.stop();
  co_await scope.join();
  told->result = fleet.take();
  told->missing = fleet.missing();
  told->done = true;
  broker->stop();
}

Told run(MqttFleetOptions options, TestBrokerFaults faults = {}) {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  sim::Machine& devices = world.add_machine("10.0.0.2", 1);
  TestBroker broker(machine.core(0), faults);
  options.broker = {.address = "10.0.0.1", .port = 1883};
  Told told;
  machine.start(0, [](TestBroker* each) -> Task<> { co_await each->run(1883); }, &broker);
  devices.start(0, drive, &devices.core(0), std::move(options), &told, &broker);
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_TRUE(told.done);
  return told;
}

TEST(MqttFleet, counts_every_message_of_pairs) {
  const Told told = run({.publishers = 3, .subscribers = 3, .topics = 3, .rate = 300});
  EXPECT_NEAR(static_cast<double>(told.result.published), 600, 10);
  EXPECT_EQ(told.result.delivered, told.result.published);
  EXPECT_EQ(told.missing, 0u);
  EXPECT_EQ(told.result.repeated, 0u);
  EXPECT_EQ(told.result.deliver_latency.count(), told.result.delivered);
}

TEST(MqttFleet, fan_out_delivers_each_message_to_every_subscriber) {
  const Told told = run({.publishers = 1, .subscribers = 5, .rate = 100});
  EXPECT_EQ(told.result.delivered, 5 * told.result.published);
}

TEST(MqttFleet, a_broker_that_loses_is_found_out) {
  const Told told = run({.publishers = 1, .subscribers = 2, .rate = 100}, {.lose_every = 10});
  EXPECT_EQ(told.missing, 2 * (told.result.published / 10));
}

TEST(MqttFleet, a_broker_that_repeats_is_found_out) {
  const Told told = run({.publishers = 1, .subscribers = 1, .rate = 100}, {.repeat_every = 10});
  EXPECT_EQ(told.result.repeated, told.result.published / 10);
  EXPECT_EQ(told.missing, 0u);
}

TEST(MqttFleet, what_was_not_acknowledged_when_a_connection_was_cut_is_published_again) {
  const Told told = run({.publishers = 2,
                         .subscribers = 2,
                         .topics = 2,
                         .qos = mqtt::Qos::at_least_once,
                         .rate = 200,
                         .cut_every = 25});
  EXPECT_GT(told.result.reconnected, 10u);
  EXPECT_EQ(told.result.acknowledged, told.result.published);
  EXPECT_EQ(told.missing, 0u);
  EXPECT_EQ(told.result.lost_connections, 0u);
}

TEST(MqttFleet, exactly_once_takes_its_four_steps) {
  const Told told = run({.qos = mqtt::Qos::exactly_once, .rate = 100});
  EXPECT_EQ(told.result.acknowledged, told.result.published);
  EXPECT_EQ(told.result.delivered, told.result.published);
}

TEST(MqttFleet, options_that_make_no_sense_are_refused_by_name) {
  EXPECT_TRUE(check({.payload_bytes = 23}).error().is(kBadFleet));
  EXPECT_TRUE(check({.publishers = 0, .subscribers = 0}).error().is(kBadFleet));
  EXPECT_TRUE(check({.topics = 0}).error().is(kBadFleet));
  EXPECT_TRUE(check({.payload_bytes = 24}).ok());
}

TEST(NumbersSeen, tells_late_from_repeated) {
  NumbersSeen seen;
  EXPECT_TRUE(seen.add(0));
  EXPECT_TRUE(seen.add(3));
  EXPECT_EQ(seen.missing(), 2u);
  EXPECT_TRUE(seen.add(1));
  EXPECT_FALSE(seen.add(1));
  EXPECT_FALSE(seen.add(3));
  EXPECT_EQ(seen.missing(), 1u);
  EXPECT_EQ(seen.next(), 4u);
}

TEST(NumbersSeen, remembers_no_more_than_its_bound) {
  NumbersSeen seen;
  EXPECT_TRUE(seen.add(NumbersSeen::kMostGaps + 10));
  EXPECT_FALSE(seen.add(5));
  EXPECT_TRUE(seen.add(15));
  EXPECT_EQ(seen.missing(), NumbersSeen::kMostGaps + 9);
}

}  // namespace
}  // namespace keel::node
