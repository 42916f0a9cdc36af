// The service between a real broker and a real cell, in the simulated world.
#include "servers/devices/device_service.hpp"

#include "modules/devices/devices.hpp"
#include "servers/mqtt/test_client.hpp"

namespace keel::servers {
namespace {

using broker::test::TestClient;
using devices::OutcomeCode;
using runtime::Task;
using Lines = std::vector<std::string>;

engine::Modules make_modules(kernel::UndoLog& undo, kernel::HashSeed seed) {
  engine::Modules modules = broker::test::make_streams(undo, seed);
  modules.push_back(std::make_unique<devices::Devices>(undo, seed));
  return modules;
}

struct DeviceServiceTest : broker::test::ServerTest {
  DeviceServiceTest() {
    modules = make_modules;
    anyone.access.allow({.access = mqtt::Access::both,
                         .pattern = *mqtt::AccessPattern::make("$keel/devices/%u/#")});
  }
  void made() override {
    device_cell.emplace(*cell, TenantId(1), PrincipalId(1));
    if (!is_served) return;
    const DeviceServiceOptions options{
        .coming_in = coming_in,
        .end_connections = [this](std::string_view device) { server->end_registered(device); }};
    service = std::make_unique<DeviceService>(server->broker(), *device_cell, options);
    server->add(*service);
  }
  void stop_all() {
    stop();
    service.reset();
  }
  void TearDown() override {
    ServerTest::TearDown();
    service.reset();
  }

  template <typename C>
  OutcomeCode send(C command) {
    OutcomeCode outcome{};
    bool done = false;
    machine.start(
        1,
        +[](DeviceCell* at, C asked, OutcomeCode* to, bool* is_done) -> Task<> {
          const auto decided = co_await at->command(std::move(asked), {});
          EXPECT_TRUE(decided.ok());
          if (decided.ok()) *to = decided->outcome;
          *is_done = true;
        },
        &*device_cell, std::move(command), &outcome, &done);
    settle();
    EXPECT_TRUE(done);
    return outcome;
  }
  template <typename Q>
  typename Q::Answer ask(Q query) {
    typename Q::Answer answer;
    machine.start(
        1,
        +[](DeviceCell* at, Q asked, typename Q::Answer* to) -> Task<> {
          auto found = co_await at->ask(std::move(asked), {});
          EXPECT_TRUE(found.ok());
          if (found.ok()) *to = std::move(*found);
        },
        &*device_cell, std::move(query), &answer);
    settle();
    return answer;
  }
  // As the API does it when the command was decided, or may have been.
  template <typename C>
  void look(const C& command) {
    Bytes payload;
    encode(command, payload);
    service->look({.type = C::kType, .payload = payload});
  }
  std::uint64_t queries() {
    std::uint64_t count = 0;
    machine.start(
        1,
        +[](engine::CellClient* at, std::uint64_t* to) -> Task<> {
          const auto told = co_await at->statistics({});
          EXPECT_TRUE(told.ok());
          if (told.ok()) *to = told->queries;
        },
        &*cell, &count);
    settle();
    return count;
  }
  void desire(int step) {
    EXPECT_EQ(send(devices::UpdateTwin{.device = "lamp",
                                       .patch = R"({"step":)" + std::to_string(step) + "}"}),
              OutcomeCode::done);
  }
  TestClient& lamp(bool clean = false) {
    broker::test::Hello hello{.id = "lamp", .clean = clean, .user = "lamp", .password = "good"};
    hello.version = mqtt::Version::v3_1_1;
    return connect(hello);
  }
  // What stands between `before` and `behind` in each message that has it.
  static Lines between(const TestClient& client, std::string_view before, std::string_view behind) {
    Lines all;
    for (const std::string& message : client.messages) {
      const std::size_t at = message.find(before);
      if (at == std::string::npos) continue;
      const std::size_t from = at + before.size();
      all.push_back(message.substr(from, message.find(behind, from) - from));
    }
    return all;
  }

  bool is_served = true;
  Duration coming_in = Duration::seconds(40);
  std::optional<DeviceCell> device_cell;
  std::unique_ptr<DeviceService> service;
};

// The process ends between the change and its hand-out: the next one finds it.
TEST_F(DeviceServiceTest, hands_out_in_order_what_another_process_could_not) {
  start();
  send(devices::RegisterDevice{.device = "lamp"});
  TestClient& before = lamp();
  subscribe(before, {.filter = "$keel/devices/lamp/twin/changes", .qos = mqtt::Qos::at_least_once});
  stop_all();
  is_served = false;
  start();
  for (int step = 1; step <= 100; ++step) desire(step);
  stop_all();
  is_served = true;
  start();
  world.run_for(Duration::seconds(2));
  EXPECT_TRUE(ask(devices::ListUnpublished{}).devices.empty());
  TestClient& after = lamp();
  world.run_for(Duration::seconds(2));
  Lines wanted;
  for (int step = 1; step <= 100; ++step) wanted.push_back(std::to_string(step));
  EXPECT_EQ(between(after, R"("patch":{"step":)", "}"), wanted);
  EXPECT_EQ(ask(devices::ListDevices{.only = "lamp"}).devices.at(0).kept_changes, 100u);
}

// A user of the file who has the device's name is somebody else, and stays.
TEST_F(DeviceServiceTest, ends_the_connection_of_a_device_that_is_blocked_or_removed) {
  start();
  TestClient& namesake = connect({.id = "namesake", .user = "lamp"});
  const auto change = [this]<typename C>(const C& command) {
    EXPECT_EQ(send(command), OutcomeCode::done);
    look(command);
    world.run_for(Duration::seconds(1));
  };
  change(devices::RegisterDevice{.device = "lamp"});
  TestClient& first = lamp();
  change(devices::RegisterDevice{.device = "lamp", .name = "Another name"});
  EXPECT_FALSE(first.ended);
  change(devices::RegisterDevice{.device = "lamp", .blocked = true});
  EXPECT_TRUE(first.ended);
  // One whose proof was looked at before it was blocked comes in afterwards.
  TestClient& late = connect({.id = "lamp", .user = "lamp", .password = "good"});
  world.run_for(Duration::seconds(1));
  EXPECT_TRUE(late.ended);
  EXPECT_EQ(late.told.back(), "disconnect 87");
  change(devices::RegisterDevice{.device = "lamp"});
  TestClient& again = lamp();
  world.run_for(Duration::seconds(6));
  EXPECT_FALSE(again.ended);
  change(devices::RemoveDevice{.device = "lamp"});
  EXPECT_TRUE(again.ended);
  EXPECT_FALSE(namesake.ended);
}

// Where letting in may take long, whoever was barred is watched for long.
TEST_F(DeviceServiceTest, ends_who_comes_in_long_after_it_was_barred) {
  coming_in = Duration::seconds(630);
  start();
  send(devices::RegisterDevice{.device = "lamp", .blocked = true});
  look(devices::RegisterDevice{.device = "lamp", .blocked = true});
  world.run_for(Duration::seconds(600));
  TestClient& late = lamp();
  world.run_for(Duration::seconds(1));
  EXPECT_TRUE(late.ended);
}

// A command whose outcome is not known is looked at before it takes effect.
TEST_F(DeviceServiceTest, ends_who_is_barred_only_after_the_first_look) {
  start();
  send(devices::RegisterDevice{.device = "lamp"});
  TestClient& here = lamp();
  look(devices::RegisterDevice{.device = "lamp", .blocked = true});
  world.run_for(Duration::seconds(7));
  EXPECT_FALSE(here.ended);
  send(devices::RegisterDevice{.device = "lamp", .blocked = true});
  world.run_for(Duration::seconds(6));
  EXPECT_TRUE(here.ended);
}

TEST_F(DeviceServiceTest, many_that_are_removed_cost_nobody_anything_once_they_are_gone) {
  start();
  std::vector<TestClient*> here;
  for (int number = 0; number < 100; ++number) {
    const std::string name = "d" + std::to_string(number);
    here.push_back(&connect({.id = name, .user = name, .password = "good"}));
  }
  const std::uint64_t before = queries();
  for (int number = 0; number < 2'500; ++number)
    look(devices::RemoveDevice{.device = "d" + std::to_string(number)});
  world.run_for(Duration::seconds(30));
  for (const TestClient* client : here) EXPECT_TRUE(client->ended);
  // One each of those who were here, and those of the turns.
  EXPECT_LT(queries() - before, 150u);
}

TEST_F(DeviceServiceTest, sends_a_call_once_and_only_to_who_listens) {
  start();
  send(devices::RegisterDevice{.device = "lamp"});
  const auto call = [&](std::uint64_t id) {
    send(devices::CallMethod{
        .call = devices::CallId(id), .device = "lamp", .method = "blink", .timeout_s = 60});
    service->look(kernel::Command{});
    world.run_for(Duration::seconds(1));
    return ask(devices::GetCall{.call = devices::CallId(id)}).call;
  };
  EXPECT_EQ(call(1).result, devices::CallResult::not_sent);
  TestClient& a = lamp();
  EXPECT_EQ(call(2).result, devices::CallResult::not_sent);
  subscribe(a, {.filter = "$keel/devices/lamp/methods/+/request", .qos = mqtt::Qos::at_least_once});
  EXPECT_EQ(call(3).result, devices::CallResult::open);
  service->look(kernel::Command{});
  world.run_for(Duration::seconds(20));
  EXPECT_EQ(between(a, "methods/", "/request"), Lines{"3"});
  publish(a, "$keel/devices/lamp/methods/3/response", R"({"status":200,"payload":[1]})",
          {.qos = mqtt::Qos::at_least_once});
  const devices::CallView view = ask(devices::GetCall{.call = devices::CallId(3)}).call;
  EXPECT_EQ(view.result, devices::CallResult::answered);
  EXPECT_EQ(view.answer, "[1]");
}

TEST_F(DeviceServiceTest, records_who_is_there_also_of_a_process_that_was_killed) {
  start();
  send(devices::RegisterDevice{.device = "lamp"});
  const auto is_there = [&] {
    return ask(devices::ListDevices{.only = "lamp"}).devices.at(0).connected;
  };
  TestClient& a = lamp(true);
  world.run_for(Duration::seconds(11));
  EXPECT_TRUE(is_there());
  leave(a);
  world.run_for(Duration::seconds(11));
  EXPECT_FALSE(is_there());
  // As a killed process leaves it.
  send(devices::SeeDevices{.devices = {{"lamp", Timestamp::never(), true}}});
  EXPECT_TRUE(is_there());
  stop_all();
  start();
  world.run_for(Duration::seconds(11));
  EXPECT_FALSE(is_there());
}

}  // namespace
}  // namespace keel::servers
