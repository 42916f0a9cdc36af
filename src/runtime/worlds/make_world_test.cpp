#include "runtime/worlds/make_world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace keel::runtime {
namespace {

Task<> count_and_wait(Core& core, Cancellation& stop, std::atomic<int>* ended) {
  const Result<> slept = co_await core.sleep_until(Timestamp::never(), {.cancellation = &stop});
  EXPECT_FALSE(slept.ok());
  ended->fetch_add(1 + static_cast<int>(core.index()));
}

class MakeWorld : public testing::TestWithParam<WorldKind> {};

TEST_P(MakeWorld, runs_tasks_on_each_core_and_stops_when_they_have_ended) {
  ChosenWorld chosen = make_world({.cores = 2, .pin = true}, GetParam()).value();
  EXPECT_EQ(chosen.kind, GetParam());
  EXPECT_TRUE(chosen.line.ends_with("2 cores")) << chosen.line;
  std::atomic<int> ended = 0;
  chosen.world->run(0, count_and_wait, &ended);
  chosen.world->run(1, count_and_wait, &ended);
  chosen.world->stop();
  chosen.world->stop();
  chosen.world->join();
  EXPECT_EQ(ended, 3);
}

Task<> listen_and_ask_the_other(Core& core, Cancellation&, std::uint16_t* port,
                                std::atomic<bool>* ready, World* own) {
  const auto listener = (co_await core.network().listen({}, 16)).value();
  *port = listener->port();
  ready->store(true);
  const auto guest = (co_await listener->accept({})).value();
  EXPECT_TRUE((co_await guest->receive({})).value().end_of_stream());
  own->stop();
}

Task<> visit(Core& core, Cancellation&, std::uint16_t port, World* own) {
  const auto connection = (co_await core.network().connect({.port = port}, {})).value();
  EXPECT_TRUE((co_await connection->finish_sending({})).ok());
  EXPECT_TRUE((co_await connection->receive({})).value().end_of_stream());
  own->stop();
}

TEST_P(MakeWorld, two_of_them_live_in_one_process) {
  ChosenWorld first = make_world({}, GetParam()).value();
  ChosenWorld second = make_world({}, GetParam()).value();
  std::uint16_t port = 0;
  std::atomic<bool> ready = false;
  first.world->run(0, listen_and_ask_the_other, &port, &ready, first.world.get());
  while (!ready) std::this_thread::yield();
  second.world->run(0, visit, port, second.world.get());
  second.world->join();
  first.world->join();
}

INSTANTIATE_TEST_SUITE_P(Kinds, MakeWorld, testing::Values(WorldKind::uring, WorldKind::pool));

TEST(MakeWorldChoice, takes_io_uring_where_it_may) {
  EXPECT_EQ(make_world({}).value().line, "io_uring, 1 core");
}

}  // namespace
}  // namespace keel::runtime
