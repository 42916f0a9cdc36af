#include "servers/terminals/terminal_service.hpp"

#include <gtest/gtest.h>

#include "runtime/errors.hpp"
#include "servers/ocpp/testing/memory_events.hpp"
#include "sim/world/world.hpp"

namespace keel::servers {
namespace {

using runtime::Task;

struct TerminalServiceTest : testing::Test, TerminalTalk {
  sim::World world{{.seed = 1}};
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  MemoryEvents events{machine.core(0), "CP"};
  std::vector<std::string> answers;  // "topic payload"
  TerminalService service{
      machine.core(0), events, {}, *this, {.first_pause = Duration::milliseconds(10)}};

  void say(std::string_view topic, std::string_view payload, std::uint32_t) override {
    answers.push_back(std::string(topic) + " " + std::string(payload));
  }
  std::size_t listeners(std::string_view) override { return 1; }

  using Reason = std::optional<Result<mqtt::Reason>>;
  void begin(std::string_view topic, std::string_view json, Reason& reason) {
    machine.start(
        0,
        +[](TerminalService* of, broker::HandledMessage said, Reason* to) -> Task<> {
          to->emplace(co_await of->handle(std::move(said), {}));
        },
        &service,
        broker::HandledMessage{.topic = std::string(topic),
                               .payload = Bytes(as_bytes(json).begin(), as_bytes(json).end())},
        &reason);
  }
  Result<mqtt::Reason> take(std::string_view topic, std::string_view json) {
    Reason reason;
    begin(topic, json, reason);
    EXPECT_TRUE(world.run_until_true([&] { return reason.has_value(); }));
    return std::move(*reason);
  }
  // The answer to a message that is acknowledged.
  std::string said(std::string_view verb, std::string_view json) {
    answers.clear();
    EXPECT_EQ(take("charging/CP-1/" + std::string(verb), json).value(), mqtt::Reason::success);
    const std::string topic = "charging/CP-1/answers/" + std::string(verb) + " ";
    EXPECT_EQ(answers.size(), 1u);
    EXPECT_TRUE(answers.at(0).starts_with(topic)) << answers.at(0);
    return answers.at(0).substr(topic.size());
  }
};

constexpr std::string_view kStart =
    R"({"id":"a","connector":1,"token":"CARD","register_wh":1000,"time":"2026-11-29T12:00:00Z"})";

TEST_F(TerminalServiceTest, takes_the_topics_of_terminals_and_not_their_answers) {
  EXPECT_TRUE(service.takes("charging/CP-1/start"));
  EXPECT_TRUE(service.takes("charging/CP-1/what"));
  for (const std::string_view topic :
       {"charging", "charging/", "charging/CP-1", "charging//start", "charging/CP-1/answers/start",
        "Charging/CP-1/start", "x/charging/CP-1/start"}) {
    EXPECT_FALSE(service.takes(topic)) << topic;
  }
}

TEST_F(TerminalServiceTest, a_start_is_a_session_and_the_same_start_is_the_same_one) {
  EXPECT_EQ(said("start", kStart),
            R"({"id":"a","outcome":"done","session":1,"status":"accepted"})");
  EXPECT_EQ(said("start", kStart),
            R"({"id":"a","outcome":"done","repeated":true,"session":1,"status":"accepted"})");
  ASSERT_EQ(events.starts.size(), 1u);
  EXPECT_EQ(events.starts[0].station, "CP-1");
  EXPECT_EQ(events.starts[0].register_wh, 1'000u);
  // The id is the terminal's own, and makes no other start of it.
  const std::string other = std::string(kStart).replace(7, 1, "b");
  EXPECT_NE(said("start", other).find(R"("id":"b","outcome":"done","repeated":true)"),
            std::string::npos);
  EXPECT_EQ(events.starts.size(), 1u);
}

TEST_F(TerminalServiceTest, readings_and_a_stop_are_commands_too) {
  said("readings", R"({"session":1,"readings":[{"time":"2026-11-29T12:10:00Z","register_wh":2000,)"
                   R"("signed_value":"OCMF|{}"}]})");
  ASSERT_EQ(events.signed_readings.size(), 1u);
  EXPECT_EQ(events.signed_readings[0].signature, charging::SignatureCheck::malformed);
  EXPECT_EQ(said("stop", R"({"id":"c","session":1,"register_wh":"3000","reason":"remote",)"
                         R"("time":"2026-11-29T12:20:00Z"})"),
            R"({"id":"c","outcome":"done"})");
  ASSERT_EQ(events.stops.size(), 1u);
  EXPECT_EQ(events.stops[0].register_wh, 3'000u);
  EXPECT_EQ(events.stops[0].reason, charging::StopReason::remote);
  EXPECT_EQ(said("authorize", R"({"token":"GOOD"})"),
            R"({"id":"","outcome":"done","status":"accepted"})");
}

TEST_F(TerminalServiceTest, a_result_of_no_call_is_answered_so) {
  EXPECT_NE(said("result", R"({"id":"r","call":"7","result":"accepted"})").find("no such call"),
            std::string::npos);
  EXPECT_NE(said("result", R"({"call":"x","result":"accepted"})").find("no such call"),
            std::string::npos);
  EXPECT_NE(said("result", R"({"call":"7"})").find(R"("error":)"), std::string::npos);
  EXPECT_EQ(events.commands, 0);
}

TEST_F(TerminalServiceTest, what_is_wrong_is_answered_and_nothing_is_done) {
  for (const std::string_view json :
       {"", "{", R"({"connector":1})", R"({"connector":1,"token":"C","register_wh":1})",
        R"({"connector":1,"token":"C","register_wh":-1,"time":"2026-11-29T12:00:00Z"})",
        R"({"connector":1,"token":"C","register_wh":1,"time":"yesterday"})",
        R"({"connector":1,"token":"C","register_wh":1,"time":"2026-11-29T12:00:00Z","x":1})"}) {
    EXPECT_NE(said("start", json).find(R"("error":)"), std::string::npos) << json;
  }
  EXPECT_NE(said("pay", "{}").find("expected authorize"), std::string::npos);
  std::string many = R"({"id":"m","readings":[)";
  for (std::size_t i = 0; i <= charging::kMaxReadings; ++i)
    many += R"({"time":"2026-11-29T12:00:00Z"},)";
  many.back() = ']';
  EXPECT_NE(said("readings", many + "}").find(R"({"id":"m","error":"readings: 257, at most 256")"),
            std::string::npos);
  EXPECT_EQ(events.commands, 0);
  EXPECT_EQ(service.stats().refused, 9u);
}

TEST_F(TerminalServiceTest, what_cannot_be_stored_is_tried_again_and_then_not_answered) {
  events.failures = 2;
  EXPECT_NE(said("start", kStart).find(R"("session":1)"), std::string::npos);
  events.failures = 100;
  const auto lost = take("charging/CP-1/start", R"({"connector":2,"token":"CARD","register_wh":1,)"
                                                R"("time":"2026-11-29T12:00:00Z"})");
  ASSERT_FALSE(lost.ok());
  EXPECT_TRUE(lost.error().is(runtime::kQueueFull));
  EXPECT_EQ(service.stats().not_stored, 1u);
  EXPECT_EQ(events.starts.size(), 1u);
}

TEST_F(TerminalServiceTest, a_stations_messages_keep_their_order_and_other_stations_pass) {
  Reason start;
  Reason stop;
  Reason other;
  events.failures = 1;  // of the start, which is tried again after a pause
  begin("charging/CP-1/start", kStart, start);
  begin("charging/CP-1/stop", R"({"session":1,"register_wh":3000,"time":"2026-11-29T12:20:00Z"})",
        stop);
  begin("charging/CP-2/authorize", R"({"token":"GOOD"})", other);
  EXPECT_TRUE(world.run_until_true([&] { return other.has_value(); }));
  EXPECT_FALSE(start.has_value() || stop.has_value());
  EXPECT_TRUE(world.run_until_true([&] { return start.has_value() && stop.has_value(); }));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_TRUE(answers[1].starts_with("charging/CP-1/answers/start")) << answers[1];
  EXPECT_TRUE(answers[2].starts_with("charging/CP-1/answers/stop")) << answers[2];
}

TEST_F(TerminalServiceTest, what_is_behind_a_message_that_cannot_be_stored_is_not_stored_either) {
  Reason start;
  Reason stop;
  events.failures = 6;  // of the start: all its attempts
  constexpr std::string_view kStop =
      R"({"session":1,"register_wh":3000,"time":"2026-11-29T12:20:00Z"})";
  begin("charging/CP-1/start", kStart, start);
  begin("charging/CP-1/stop", kStop, stop);
  EXPECT_TRUE(world.run_until_true([&] { return start.has_value() && stop.has_value(); }));
  EXPECT_FALSE(start->ok());
  EXPECT_FALSE(stop->ok());
  EXPECT_TRUE(events.stops.empty());
  EXPECT_EQ(service.stats().not_stored, 2u);
  // Both are said again.
  said("start", kStart);
  said("stop", kStop);
  EXPECT_EQ(events.starts.size(), 1u);
  EXPECT_EQ(events.stops.size(), 1u);
}

TEST_F(TerminalServiceTest, one_station_takes_no_more_than_its_share_of_the_places) {
  std::vector<Reason> of_one(TerminalService::kMostOfStation + 1);
  for (Reason& reason : of_one) {
    begin("charging/CP-1/authorize", R"({"token":"GOOD"})", reason);
  }
  EXPECT_TRUE(world.run_until_true([&] { return of_one.back().has_value(); }));
  EXPECT_TRUE(of_one.back()->error().is(runtime::kQueueFull));
  EXPECT_TRUE(world.run_until_idle());
  for (std::size_t i = 0; i + 1 < of_one.size(); ++i) EXPECT_TRUE(of_one[i]->ok()) << i;
  said("authorize", R"({"token":"GOOD"})");
}

}  // namespace
}  // namespace keel::servers
