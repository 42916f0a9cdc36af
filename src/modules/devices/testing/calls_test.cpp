// Methods: called, sent, answered, or not.
#include "modules/devices/errors.hpp"
#include "modules/devices/testing/devices_kit.hpp"

namespace keel::devices {
namespace {

constexpr CallId kCall{77};

struct Methods : ::testing::Test {
  void SetUp() override {
    kit.add("lamp");
    kit.add("fan");
  }
  void call() {
    kit.answer_of(CallMethod{.call = kCall,
                             .device = "lamp",
                             .method = "blink",
                             .payload = R"({ "times": 3 })",
                             .timeout_s = 10});
  }
  CallView view() const { return kit.ask(GetCall{.call = kCall}).call; }
  OutcomeCode answered(std::string_view device = "lamp") {
    return kit.outcome_of(EndCall{.call = kCall,
                                  .device = std::string(device),
                                  .result = CallResult::answered,
                                  .status = 200,
                                  .payload = R"({"done":3})"});
  }

  testing::DevicesKit kit;
};

TEST_F(Methods, are_called_sent_and_answered) {
  call();
  EXPECT_EQ(view().result, CallResult::open);
  EXPECT_EQ(view().payload, R"({"times":3})");
  EXPECT_EQ(view().sent_at, Timestamp{});
  ASSERT_EQ(kit.ask(ListOpenCalls{}).calls.size(), 1u);
  kit.outcome_of(SendCall{.call = kCall});
  const Timestamp sent = view().sent_at;
  EXPECT_GT(sent, view().requested_at);
  kit.outcome_of(SendCall{.call = kCall});
  EXPECT_EQ(view().sent_at, sent);
  EXPECT_EQ(answered(), OutcomeCode::done);
  EXPECT_EQ(view().result, CallResult::answered);
  EXPECT_EQ(view().status, 200);
  EXPECT_EQ(view().answer, R"({"done":3})");
  EXPECT_TRUE(kit.ask(ListOpenCalls{}).calls.empty());
  EXPECT_EQ(answered(), OutcomeCode::call_ended);
  EXPECT_EQ(kit.outcome_of(SendCall{.call = kCall}), OutcomeCode::call_ended);
}

TEST_F(Methods, are_answered_by_the_device_that_was_called) {
  call();
  EXPECT_EQ(answered("fan"), OutcomeCode::call_unknown);
  EXPECT_EQ(
      kit.outcome_of(EndCall{.call = CallId(78), .device = "lamp", .result = CallResult::answered}),
      OutcomeCode::call_unknown);
  EXPECT_EQ(view().result, CallResult::open);
}

TEST_F(Methods, time_out_and_may_be_answered_late) {
  call();
  kit.harness.advance(Duration::seconds(11));
  kit.harness.when_due();
  EXPECT_EQ(view().result, CallResult::timed_out);
  EXPECT_TRUE(kit.ask(ListOpenCalls{}).calls.empty());
  EXPECT_EQ(answered(), OutcomeCode::done);
  EXPECT_EQ(view().result, CallResult::late_answered);
  EXPECT_EQ(answered(), OutcomeCode::call_ended);
  // Not "not sent" after all: whether it was done is not known.
  EXPECT_EQ(
      kit.outcome_of(EndCall{.call = kCall, .device = "lamp", .result = CallResult::not_sent}),
      OutcomeCode::call_ended);
}

TEST_F(Methods, are_forgotten_a_day_after_their_end) {
  call();
  answered();
  kit.harness.advance(Duration::seconds(86'399));
  kit.harness.when_due();
  EXPECT_TRUE(kit.ask(GetCall{.call = kCall}).found);
  kit.harness.advance(Duration::seconds(2));
  kit.harness.when_due();
  EXPECT_FALSE(kit.ask(GetCall{.call = kCall}).found);
  EXPECT_FALSE(kit.harness.next_due().has_value());
}

TEST_F(Methods, of_a_device_that_was_not_there_were_not_done) {
  call();
  EXPECT_EQ(
      kit.outcome_of(EndCall{.call = kCall, .device = "lamp", .result = CallResult::not_sent}),
      OutcomeCode::done);
  EXPECT_EQ(view().result, CallResult::not_sent);
  EXPECT_EQ(answered(), OutcomeCode::call_ended);
}

TEST_F(Methods, refuse_what_is_malformed) {
  const CallMethod good{.call = kCall, .device = "lamp", .method = "m", .timeout_s = 1};
  CallMethod bad = good;
  bad.method = "a/b";
  EXPECT_TRUE(kit.send(bad).is(kBadRequest));
  bad = good;
  bad.timeout_s = 0;
  EXPECT_TRUE(kit.send(bad).is(kBadRequest));
  bad = good;
  bad.payload = "{";
  EXPECT_TRUE(kit.send(bad).is(kBadDocument));
  bad = good;
  bad.device = "nobody";
  EXPECT_EQ(kit.outcome_of(bad), OutcomeCode::device_unknown);
  EXPECT_EQ(kit.outcome_of(good), OutcomeCode::done);
  EXPECT_EQ(kit.outcome_of(good), OutcomeCode::call_exists);
  EXPECT_EQ(view().payload, "null");
  EXPECT_TRUE(kit.send(EndCall{.call = kCall, .device = "lamp"}).is(kBadRequest));
}

TEST_F(Methods, take_their_number_from_the_command_when_none_is_given) {
  const auto answer = kit.answer_of(CallMethod{.device = "lamp", .method = "m", .timeout_s = 1});
  EXPECT_FALSE(answer.call.is_zero());
  EXPECT_TRUE(kit.ask(GetCall{.call = answer.call}).found);
}

}  // namespace
}  // namespace keel::devices
