#include "servers/terminals/terminal_calls.hpp"

#include <gtest/gtest.h>

#include "base/describe/errors.hpp"
#include "servers/ocpp/testing/memory_events.hpp"
#include "servers/terminals/errors.hpp"
#include "sim/world/world.hpp"

namespace keel::servers {
namespace {

using charging::CallResult;
using runtime::Task;

struct TerminalCallsTest : testing::Test, TerminalTalk {
  sim::World world{{.seed = 1}};
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  MemoryEvents events{machine.core(0), "CP"};
  std::vector<std::string> published;  // "topic payload expiry"
  std::size_t ears = 1;
  TerminalCalls calls{machine.core(0), events, *this, {.first_pause = Duration::milliseconds(10)}};

  void say(std::string_view topic, std::string_view payload, std::uint32_t expiry_s) override {
    published.push_back(std::string(topic) + " " + std::string(payload) + " " +
                        std::to_string(expiry_s));
  }
  std::size_t listeners(std::string_view) override { return ears; }

  struct Called {
    std::string action;
    std::string payload;
    charging::CallId id;
    std::optional<Result<CallOutcome>> outcome;
  };
  void begin(Called& called) {
    machine.start(
        0,
        +[](TerminalCalls* of, Called* made) -> Task<> {
          made->outcome = co_await of->call({.station = "CP-1",
                                             .action = made->action,
                                             .payload = made->payload,
                                             .timeout = Duration::seconds(5),
                                             .id = made->id},
                                            {});
        },
        &calls, &called);
  }
  bool finish(std::string_view station, ResultBody said) {
    std::optional<Result<bool>> known;
    machine.start(
        0,
        +[](TerminalCalls* of, std::string from, ResultBody result, std::optional<Result<bool>>* to)
            -> Task<> { to->emplace(co_await of->finish(from, result, {})); },
        &calls, std::string(station), std::move(said), &known);
    EXPECT_TRUE(world.run_until_true([&] { return known.has_value(); }));
    return known->value();
  }
  void wait_for_publication() {
    ASSERT_TRUE(world.run_until_true([this] { return !published.empty(); }));
  }
  const Result<CallOutcome>& end(Called& called) {
    EXPECT_TRUE(world.run_until_true([&] { return called.outcome.has_value(); }));
    return *called.outcome;
  }
};

TEST_F(TerminalCallsTest, a_call_is_published_and_ends_with_what_the_terminal_says) {
  Called called{.action = "start",
                .payload = R"({"token":"CARD","connector":2})",
                .id = charging::CallId(7),
                .outcome = {}};
  begin(called);
  wait_for_publication();
  EXPECT_EQ(published.front(),
            R"(charging/CP-1/calls/start {"call":"7","connector":2,"token":"CARD"} 5)");
  const ResultBody said{.call = "7", .result = CallAnswer::rejected, .detail = "occupied"};
  EXPECT_FALSE(finish("CP-2", said));  // not its own call
  EXPECT_FALSE(called.outcome.has_value());
  events.failures = 2;  // tried again
  EXPECT_TRUE(finish("CP-1", said));
  EXPECT_EQ(events.ended_calls, (std::vector{CallResult::rejected}));  // before it is answered
  const CallOutcome outcome = end(called).value();
  EXPECT_EQ(outcome.result, CallResult::rejected);
  EXPECT_EQ(outcome.error, "occupied");
  EXPECT_EQ(events.ended_calls.size(), 1u);
  EXPECT_FALSE(finish("CP-1", said));  // over
}

TEST_F(TerminalCallsTest, without_an_answer_nobody_knows_what_was_done) {
  Called called{
      .action = "stop", .payload = R"({"session":3})", .id = charging::CallId(8), .outcome = {}};
  begin(called);
  EXPECT_EQ(end(called).value().result, CallResult::timed_out);
  EXPECT_TRUE(events.ended_calls.empty());  // time ends it
  EXPECT_FALSE(finish("CP-1", {.call = "8"}));
}

TEST_F(TerminalCallsTest, what_the_terminal_says_counts_when_its_operator_has_gone) {
  runtime::Cancellation gone;
  std::optional<Result<CallOutcome>> outcome;
  machine.start(
      0,
      +[](TerminalCalls* of, runtime::Cancellation* left,
          std::optional<Result<CallOutcome>>* to) -> Task<> {
        to->emplace(co_await of->call({.station = "CP-1",
                                       .action = "stop",
                                       .payload = R"({"session":3})",
                                       .timeout = Duration::seconds(5),
                                       .id = charging::CallId(8)},
                                      {.cancellation = left}));
      },
      &calls, &gone, &outcome);
  wait_for_publication();
  gone.request();
  ASSERT_TRUE(world.run_until_true([&] { return outcome.has_value(); }));
  EXPECT_TRUE(finish("CP-1", {.call = "8", .result = CallAnswer::accepted}));
  EXPECT_EQ(events.ended_calls, (std::vector{CallResult::accepted}));
}

TEST_F(TerminalCallsTest, nobody_who_listens_is_not_asked) {
  ears = 0;
  Called called{.action = "unlock",
                .payload = R"({"connector":1})",
                .id = charging::CallId(9),
                .outcome = {}};
  begin(called);
  EXPECT_EQ(end(called).value().result, CallResult::not_sent);
  EXPECT_TRUE(published.empty());
  EXPECT_EQ(events.ended_calls, (std::vector{CallResult::not_sent}));
}

TEST_F(TerminalCallsTest, what_is_wrong_is_refused_and_not_recorded) {
  const auto refused = [&](std::string action, std::string payload) {
    Called called{.action = std::move(action),
                  .payload = std::move(payload),
                  .id = charging::CallId(1),
                  .outcome = {}};
    begin(called);
    return std::string(end(called).error().kind().name);
  };
  EXPECT_EQ(refused("Reset", "{}"), kNoSuchTerminalAction.name);
  EXPECT_EQ(refused("start", "{}"), kMissingKey.name);
  EXPECT_EQ(refused("unlock", R"({"connector":"x"})"), kWrongType.name);
  EXPECT_EQ(events.commands, 0);
  EXPECT_TRUE(published.empty());
  EXPECT_TRUE(calls.knows("reset"));
  EXPECT_FALSE(calls.knows("Reset"));
}

}  // namespace
}  // namespace keel::servers
