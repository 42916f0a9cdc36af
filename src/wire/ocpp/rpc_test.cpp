#include "wire/ocpp/rpc.hpp"

#include <gtest/gtest.h>

namespace keel::ocpp {
namespace {

// One side of a connection; answers each call with a number of its own.
struct Side {
  explicit Side(std::string name, RpcLimits limits = {}) : rpc(std::move(name), limits) {}

  // What it says to a text; "" is nothing.
  std::string hear(std::string text) {
    heard = std::move(text);
    step = rpc.receive(heard);
    if (step == Step::call) {
      ++seen;
      rpc.answer("{\"n\":" + std::to_string(seen) + "}");
    }
    return rpc.take_output();
  }
  std::string say(std::string_view action) {
    EXPECT_TRUE(rpc.call(action, "{}").ok());
    return rpc.take_output();
  }

  Rpc rpc;
  std::string heard;
  Step step{};
  int seen = 0;
};

TEST(OcppRpc, calls_cross_in_both_directions) {
  Side station("s");
  Side central("c");
  const std::string from_station = station.say("Heartbeat");
  const std::string from_central = central.say("Reset");
  const std::string to_station = central.hear(from_station);
  const std::string to_central = station.hear(from_central);
  station.hear(to_station);
  EXPECT_EQ(station.step, Step::answered);
  EXPECT_EQ(station.rpc.result().payload, R"({"n":1})");
  central.hear(to_central);
  EXPECT_EQ(central.step, Step::answered);
  EXPECT_TRUE(station.rpc.may_call());
  EXPECT_TRUE(central.rpc.may_call());
}

TEST(OcppRpc, one_call_goes_out_at_a_time) {
  Side side("c");
  side.say("Reset");
  EXPECT_TRUE(side.rpc.call("Reset", "{}").error().is(kCallUnderWay));
  side.hear(R"([3,"c1",{}])");
  EXPECT_EQ(side.say("Reset"), R"([2,"c2","Reset",{}])");
}

TEST(OcppRpc, a_repeated_call_is_seen_once_and_answered_alike) {
  Side side("c");
  const std::string first = side.hear(R"([2,"7","StartTransaction",{"a":1}])");
  EXPECT_EQ(side.hear(R"([2,"7","StartTransaction",{"a":1}])"), first);
  EXPECT_EQ(side.seen, 1);
  EXPECT_EQ(side.rpc.counts().repeated_calls, 1u);
}

TEST(OcppRpc, an_id_with_other_content_is_another_call) {
  Side side("c");
  side.hear(R"([2,"1","StartTransaction",{"a":1}])");
  EXPECT_EQ(side.hear(R"([2,"1","StartTransaction",{"a":2}])"), R"([3,"1",{"n":2}])");
  EXPECT_EQ(side.hear(R"([2,"1","StartTransaction",{"a":2}])"), R"([3,"1",{"n":2}])");
  EXPECT_EQ(side.rpc.counts().reused_ids, 1u);
  EXPECT_EQ(side.rpc.counts().repeated_calls, 1u);
}

TEST(OcppRpc, answers_are_kept_within_their_bounds) {
  Side side("c", {.kept_answers = 2});
  side.hear(R"([2,"1","A",{}])");
  side.hear(R"([2,"2","A",{}])");
  side.hear(R"([2,"3","A",{}])");
  EXPECT_EQ(side.hear(R"([2,"3","A",{}])"), R"([3,"3",{"n":3}])");
  EXPECT_EQ(side.hear(R"([2,"1","A",{}])"), R"([3,"1",{"n":4}])");
  Side small("c", {.kept_bytes = 20});
  small.hear(R"([2,"1","A",{}])");
  small.hear(R"([2,"2","A",{}])");
  EXPECT_EQ(small.hear(R"([2,"1","A",{}])"), R"([3,"1",{"n":3}])");
}

TEST(OcppRpc, a_passing_failure_is_not_remembered) {
  Rpc rpc("c");
  const std::string text = R"([2,"1","A",{}])";
  ASSERT_EQ(rpc.receive(text), Step::call);
  rpc.refuse(ErrorCode::internal_error, "later");
  EXPECT_EQ(rpc.take_output(), R"([4,"1","InternalError","later",{}])");
  EXPECT_EQ(rpc.receive(text), Step::call);
  rpc.refuse(ErrorCode::not_supported, "no");
  EXPECT_EQ(rpc.receive(text), Step::nothing);
  EXPECT_EQ(rpc.take_output(), R"([4,"1","NotSupported","no",{}])");
}

TEST(OcppRpc, late_repeated_and_unknown_answers_are_counted_and_dropped) {
  Side side("c");
  side.say("Reset");
  side.rpc.give_up();
  side.hear(R"([3,"c1",{}])");
  EXPECT_EQ(side.step, Step::nothing);
  side.say("Reset");
  side.hear(R"([3,"c1",{}])");
  EXPECT_EQ(side.step, Step::nothing);
  side.hear(R"([4,"c2","GenericError","",{}])");
  EXPECT_EQ(side.step, Step::answered);
  EXPECT_FALSE(side.rpc.result().accepted);
  EXPECT_EQ(side.rpc.result().code, "GenericError");
  side.hear(R"([3,"c2",{}])");
  side.hear(R"([3,"never",{}])");
  EXPECT_EQ(side.rpc.counts().late_answers, 2u);
  EXPECT_EQ(side.rpc.counts().repeated_answers, 1u);
  EXPECT_EQ(side.rpc.counts().unknown_answers, 1u);
}

TEST(OcppRpc, an_answer_that_cannot_be_read_ends_the_call) {
  Side side("c");
  side.say("Reset");
  side.hear(R"([3,"c1",7])");
  EXPECT_EQ(side.step, Step::answered);
  EXPECT_FALSE(side.rpc.result().accepted);
  EXPECT_EQ(side.rpc.result().code, "ProtocolError");
}

TEST(OcppRpc, a_call_that_is_not_whole_is_refused_and_what_is_no_message_passed_over) {
  Side side("c");
  EXPECT_EQ(side.hear(R"([2,"1","Heartbeat"])").substr(0, 23), R"([4,"1","ProtocolError",)");
  EXPECT_EQ(side.hear("}{"), "");
  EXPECT_EQ(side.seen, 0);
  EXPECT_EQ(side.rpc.counts().bad_messages, 2u);
}

TEST(OcppRpc, too_many_bad_messages_in_a_row_are_hopeless) {
  Side side("c", {.bad_in_a_row = 3});
  side.hear("x");
  side.hear("x");
  side.hear(R"([2,"1","A",{}])");
  side.hear("x");
  side.hear("x");
  EXPECT_EQ(side.step, Step::nothing);
  side.hear("x");
  EXPECT_EQ(side.step, Step::hopeless);
}

}  // namespace
}  // namespace keel::ocpp
