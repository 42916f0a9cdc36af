// A command of another cell whose outcome nobody knows may be durable: who acts on such commands is
// told of it as of one that was decided, and not of one that its caller may not give.
#include <gtest/gtest.h>

#include "engine/testing/test_client.hpp"
#include "modules/devices/devices.hpp"
#include "servers/api/api.hpp"
#include "servers/http/testing/lone_exchange.hpp"

namespace keel::servers {
namespace {

using engine::test::Answers;

class OneCaller final : public Authenticator {
 public:
  std::optional<Caller> authenticate(std::string_view) const override {
    return Caller{.tenant = TenantId(1), .principal = PrincipalId(5)};
  }
};

class NoOperations final : public Operations {
 public:
  std::string not_ready() const override { return {}; }
  runtime::Task<> write_metrics(std::string&) override { co_return; }
};

class AllowNothing final : public engine::Authorizer {
 public:
  Result<> authorize(PrincipalId, const kernel::Command&) const override { return refusal(); }
  Result<> authorize(PrincipalId, const kernel::Query&) const override { return refusal(); }
  Result<> authorize_reading(PrincipalId, std::optional<TenantId>) const override {
    return refusal();
  }
  Result<> authorize_personal(PrincipalId, const kernel::Subject&) const override {
    return refusal();
  }

 private:
  static Result<> refusal() { return engine::kNotAllowed; }
};

engine::Modules make_devices(kernel::UndoLog& undo, kernel::HashSeed seed) {
  engine::Modules modules;
  modules.push_back(std::make_unique<devices::Devices>(undo, seed));
  return modules;
}

struct UnknownOutcomeTest : testing::Test {
  // Removes a device; how often somebody was told of that, and what was answered.
  struct Seen {
    std::size_t told = 0;
    http::Status status{};
    bool cut = false;
  };
  Seen remove(Answers answer, const engine::Authorizer& authorizer) {
    sim::World world{{.seed = 5}};
    sim::Machine& machine = world.add_machine("10.0.0.1", 2);
    engine::test::MemoryOpener opener(machine.core(0));
    opener.next_answer = answer;
    engine::CellHost host({.core = machine.core(0),
                           .journals = opener,
                           .modules = make_devices,
                           .authorizer = authorizer},
                          {});
    machine.start(
        0,
        +[](engine::CellHost* running) -> runtime::Task<> {
          static_cast<void>(co_await running->run());
          co_await running->drain();
        },
        &host);
    const OneCaller caller;
    NoOperations operations;
    Seen seen;
    {
      engine::CellClient cell(machine.core(1), host.inbox());
      Api api({.core = machine.core(1),
               .cell = cell,
               .authenticator = caller,
               .operations = operations,
               .version = "1",
               .other_cell = [&](std::string_view) { return &cell; },
               .on_other_cell =
                   [&](const kernel::Command& command) {
                     if (command.type == devices::RemoveDevice::kType) ++seen.told;
                   }});
      test::LoneExchange exchange(
          "POST /v1/devices/remove HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer x\r\n"
          "Content-Length: 17\r\n\r\n{\"device\":\"lamp\"}");
      machine.start(
          1,
          +[](Api* asked, test::LoneExchange* of) -> runtime::Task<> {
            co_await asked->handle(*of);
          },
          &api, &exchange);
      EXPECT_TRUE(world.run_until_idle());
      seen.status = exchange.reply().status;
      seen.cut = exchange.reply().cut;
    }
    host.stop();
    EXPECT_TRUE(world.run_until_idle());
    return seen;
  }
  engine::test::AllowAll everything;
  AllowNothing nothing;
};

TEST_F(UnknownOutcomeTest, is_told_to_who_acts_on_commands) {
  const Seen known = remove(Answers::durable, everything);
  EXPECT_FALSE(known.cut);
  EXPECT_EQ(known.told, 1u);
  const Seen unknown = remove(Answers::unknown_and_written, everything);
  EXPECT_TRUE(unknown.cut);
  EXPECT_EQ(unknown.told, 1u);
  const Seen denied = remove(Answers::durable, nothing);
  EXPECT_EQ(denied.status, http::Status::forbidden);
  EXPECT_EQ(denied.told, 0u);
}

}  // namespace
}  // namespace keel::servers
