#include "sim/world/world.hpp"

#include <gtest/gtest.h>

#include "runtime/errors.hpp"
#include "runtime/sync/mailbox.hpp"

namespace keel::sim {
namespace {

using runtime::Task;

// --- time and order ---

struct Log {
  std::vector<std::string> lines;
};

Task<> tick(runtime::Core* core, Log* log, std::string name) {
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(co_await core->sleep_until(core->now() + Duration::seconds(1), {}));
    log->lines.push_back(name + std::to_string(core->now().ns / 1'000'000'000));
  }
}

std::vector<std::string> ticks(std::uint64_t seed) {
  World world({.seed = seed, .disk = {}, .network = {}});
  Machine& machine = world.add_machine("10.0.0.1");
  Log log;
  machine.start(0, tick, &machine.core(0), &log, std::string("a"));
  machine.start(1, tick, &machine.core(1), &log, std::string("b"));
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(world.now(), Timestamp{3'000'000'000});
  return log.lines;
}

TEST(World, the_same_seed_gives_the_same_order_and_another_seed_another) {
  bool differs = false;
  for (std::uint64_t seed = 1; seed < 10; ++seed) {
    EXPECT_EQ(ticks(seed), ticks(seed));
    differs = differs || ticks(seed) != ticks(seed + 1);
  }
  EXPECT_TRUE(differs);
}

Task<> spin(runtime::Core* core, const bool* ended) {
  while (!*ended) co_await core->yield();
}

TEST(World, what_turns_without_end_uses_up_the_steps_that_are_allowed) {
  World world;
  Machine& machine = world.add_machine("10.0.0.1");
  bool ended = false;
  machine.start(0, spin, &machine.core(0), &ended);
  world.allow_steps(10'000);
  EXPECT_FALSE(world.run_until_idle());
  EXPECT_TRUE(world.exhausted());
  bool asked = false;
  world.allow_steps(UINT64_MAX, [&asked] { return std::exchange(asked, true); });
  EXPECT_FALSE(world.run_until_true([] { return false; }));
  EXPECT_TRUE(world.exhausted()) << "it was interrupted at the second question";
  ended = true;
  world.allow_steps(UINT64_MAX);
  EXPECT_TRUE(world.run_until_idle());
}

Task<> send_numbers(runtime::Mailbox<int>* mailbox) {
  for (int i = 1; i <= 100; ++i) EXPECT_TRUE(mailbox->try_push(i));
  co_return;
}
Task<> add_numbers(runtime::Mailbox<int>* mailbox, int* sum) {
  for (int i = 1; i <= 100; ++i) *sum += (co_await mailbox->pop({})).value();
}

TEST(World, a_mailbox_joins_two_cores_of_a_machine) {
  World world;
  Machine& machine = world.add_machine("10.0.0.1");
  runtime::Mailbox<int> mailbox(machine.core(1), 128);
  int sum = 0;
  machine.start(1, add_numbers, &mailbox, &sum);
  machine.start(0, send_numbers, &mailbox);
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(sum, 5050);
}

// --- disk ---

Task<> write_twice(runtime::Core* core, bool* first_durable) {
  EXPECT_TRUE((co_await core->disk().make_directory("d")).ok());
  auto file = (co_await core->disk().open("d/f", {.write = true, .create = true})).value();
  EXPECT_TRUE((co_await core->disk().sync_directory("d")).ok());
  const Bytes one(4096, std::byte{1});
  if (!(co_await file->write(0, one)).ok()) co_return;
  if (!(co_await file->sync()).ok()) co_return;
  *first_durable = true;
  const Bytes two(4096, std::byte{2});
  if (!(co_await file->write(4096, two)).ok()) co_return;
  static_cast<void>(co_await file->sync());
}

TEST(World, a_power_cut_at_every_write_keeps_what_was_synced) {
  // Steps 0 to 2 make the directory and the file; 4 syncs the first write, 6 the second.
  for (std::uint64_t cut = 3; cut <= 7; ++cut) {
    World world({.seed = cut + 1, .disk = {}, .network = {}});
    Machine& machine = world.add_machine("10.0.0.1");
    machine.power().cut_before_write = cut;
    bool first_durable = false;
    machine.start(0, write_twice, &machine.core(0), &first_durable);
    EXPECT_TRUE(world.run_until_idle());
    machine.cut_power();
    machine.restore_power();
    EXPECT_EQ(first_durable, cut > 4);
    if (!first_durable) continue;
    const auto node = machine.medium().find("d/f");
    ASSERT_NE(node, nullptr);
    Bytes found(4096);
    node->durable.read(0, found);
    EXPECT_EQ(found, Bytes(4096, std::byte{1}));
  }
}

// --- network ---

Task<> echo(runtime::Core* core) {
  auto listener =
      (co_await core->network().listen({.address = "127.0.0.1", .port = 80}, 16)).value();
  auto accepted = co_await listener->accept({.deadline = core->now() + Duration::seconds(5)});
  if (!accepted.ok()) co_return;
  std::unique_ptr<runtime::Connection> connection = std::move(accepted).value();
  for (;;) {
    auto received = co_await connection->receive({});
    if (!received.ok() || received->end_of_stream()) break;
    const std::array<ByteView, 1> parts{received->bytes()};
    if (!(co_await connection->send(parts, {})).ok()) break;
  }
}

struct Heard {
  std::string text;
  bool lost = false;
};

Task<> talk(runtime::Core* core, std::string said, Heard* heard) {
  static_cast<void>(co_await core->sleep_until(Timestamp{1'000'000}, {}));
  auto connection =
      (co_await core->network().connect({.address = "10.0.0.1", .port = 80}, {})).value();
  const std::array<ByteView, 1> parts{as_bytes(said)};
  if (!(co_await connection->send(parts, {})).ok()) heard->lost = true;
  EXPECT_TRUE((co_await connection->finish_sending({})).ok());
  for (;;) {
    auto received = co_await connection->receive({});
    if (!received.ok()) heard->lost = true;
    if (!received.ok() || received->end_of_stream()) break;
    heard->text += as_text(received->bytes());
  }
}

TEST(World, a_stream_arrives_whole_and_in_order_however_it_is_split) {
  World world;
  Machine& server = world.add_machine("10.0.0.1");
  Machine& client = world.add_machine("10.0.0.2");
  std::string said;
  for (int i = 0; i < 100'000; ++i) said += std::to_string(i);
  Heard heard;
  server.start(0, echo, &server.core(0));
  client.start(0, talk, &client.core(0), said, &heard);
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(heard.text, said);
  EXPECT_GT(world.counts().of(Fault::receive_split), 0u);
}

TEST(World, a_power_cut_is_noticed_by_the_peer) {
  World world;
  Machine& server = world.add_machine("10.0.0.1");
  Machine& client = world.add_machine("10.0.0.2");
  Heard heard;
  server.start(0, echo, &server.core(0));
  client.start(0, talk, &client.core(0), std::string(1'000'000, 'x'), &heard);
  world.run_until(Timestamp{2'000'000});
  server.cut_power();
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_TRUE(heard.lost);
  EXPECT_TRUE(server.at_rest() && client.at_rest());
}

TEST(World, the_wall_clock_jumps_and_the_monotonic_one_does_not) {
  World world;
  Machine& machine = world.add_machine("10.0.0.1");
  const Timestamp wall = machine.core(0).clock().wall();
  machine.jump_wall_clock(Duration::seconds(-60));
  EXPECT_EQ(machine.core(0).clock().wall(), wall - Duration::seconds(60));
  EXPECT_EQ(machine.core(0).now(), Timestamp{});
}

}  // namespace
}  // namespace keel::sim
