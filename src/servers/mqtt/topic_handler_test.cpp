// Messages that a handler takes.
#include "servers/mqtt/broker/topic_handler.hpp"

#include "servers/mqtt/test_client.hpp"

namespace keel::broker::test {
namespace {

using Lines = std::vector<std::string>;

// Takes "$mine/…", and answers what it is told to, a while later.
class Recorder final : public TopicHandler {
 public:
  explicit Recorder(runtime::Core& core) : core_(core) {}
  bool takes(std::string_view topic) const noexcept override { return topic.starts_with("$mine/"); }
  Task<Result<mqtt::Reason>> handle(HandledMessage message, runtime::Wait wait) override {
    heard.push_back(message.user + "@" + message.client_id + " " + message.topic + "=" +
                    std::string(as_text(message.payload)));
    static_cast<void>(co_await core_.sleep_until(core_.now() + takes_time, wait));
    co_return answer;
  }
  Task<> run(runtime::Wait wait) override {
    runs = true;
    while ((co_await core_.sleep_until(core_.now() + Duration::seconds(1), wait)).ok()) ++rounds;
    runs = false;
  }
  void came(std::string_view user) override { heard.push_back("came " + std::string(user)); }
  void went(std::string_view user) override { heard.push_back("went " + std::string(user)); }

  Lines heard;
  Result<mqtt::Reason> answer = mqtt::Reason::success;
  Duration takes_time{};
  bool runs = false;
  int rounds = 0;

 private:
  runtime::Core& core_;
};

struct TopicHandlerTest : ServerTest {
  TopicHandlerTest() {
    anyone.access.allow(
        {.access = mqtt::Access::both, .pattern = *mqtt::AccessPattern::make("$mine/#")});
    handlers.push_back(&recorder);
  }
  Recorder recorder{machine.core(1)};
};

TEST_F(TopicHandlerTest, have_their_messages_to_themselves_and_the_client_waits_for_the_answer) {
  start();
  TestClient& a = connect({.id = "a", .user = "meter", .password = "good"});
  subscribe(a, {.filter = "$mine/#"});
  recorder.takes_time = Duration::seconds(3);
  publish(a, "$mine/x", "1", {.qos = mqtt::Qos::at_least_once});
  publish(a, "$mine/y", "2", {.qos = mqtt::Qos::exactly_once});
  publish(a, "$mine/z", "3");
  publish(a, "$other/z", "4", {.qos = mqtt::Qos::at_least_once});
  EXPECT_EQ(recorder.heard,
            (Lines{"came meter", "meter@a $mine/x=1", "meter@a $mine/y=2", "meter@a $mine/z=3"}));
  EXPECT_EQ(a.told, (Lines{"connack 00", "filters 00"}));
  world.run_for(Duration::seconds(4));
  // In the order of the packets; what is below $other is nobody's.
  EXPECT_EQ(a.told, (Lines{"connack 00", "filters 00", "ended 00", "ended 87", "ended 00"}));
  EXPECT_TRUE(a.messages.empty());
  EXPECT_TRUE(recorder.runs);
  EXPECT_GT(recorder.rounds, 2);
  leave(a);
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(recorder.heard.back(), "went meter");
  stop();
  EXPECT_FALSE(recorder.runs);
}

TEST_F(TopicHandlerTest, tell_a_client_why_not_or_cut_one_that_has_no_word_for_it) {
  start();
  recorder.answer = mqtt::Reason::quota_exceeded;
  TestClient& a = connect("a");
  TestClient& b = connect({.id = "b", .version = mqtt::Version::v3_1_1});
  publish(a, "$mine/x", "1", {.qos = mqtt::Qos::at_least_once});
  publish(b, "$mine/x", "1", {.qos = mqtt::Qos::at_least_once});
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(a.told, (Lines{"connack 00", "ended 97"}));
  EXPECT_FALSE(a.ended);
  EXPECT_TRUE(b.ended);
}

TEST_F(TopicHandlerTest, end_a_connection_when_nobody_knows_what_became_of_a_message) {
  start();
  recorder.answer = Error(engine::kOutcomeUnknown);
  TestClient& a = connect("a");
  TestClient& b = connect({.id = "b", .version = mqtt::Version::v3_1_1});
  TestClient& c = connect("c");
  publish(a, "$mine/x", "1", {.qos = mqtt::Qos::at_least_once});
  publish(b, "$mine/x", "1", {.qos = mqtt::Qos::exactly_once});
  publish(c, "$mine/x", "1");
  world.run_for(Duration::seconds(2));
  for (const TestClient* client : {&a, &b, &c}) EXPECT_TRUE(client->ended);
  for (const TestClient* client : {&a, &b, &c})
    for (const std::string& told : client->told) EXPECT_FALSE(told.starts_with("ended")) << told;
}

TEST_F(TopicHandlerTest, take_no_more_than_a_bound) {
  ServerOptions options;
  options.broker.handled_messages = 2;
  start(options);
  recorder.takes_time = Duration::seconds(3);
  TestClient& a = connect("a");
  for (const std::string_view payload : {"1", "2", "3"})
    publish(a, "$mine/x", payload, {.qos = mqtt::Qos::at_least_once});
  EXPECT_EQ(recorder.heard.size(), 3u);  // with "came"
  world.run_for(Duration::seconds(4));
  EXPECT_EQ(a.told, (Lines{"connack 00", "ended 00", "ended 00", "ended 97"}));
  publish(a, "$mine/x", "4", {.qos = mqtt::Qos::at_least_once});
  EXPECT_EQ(recorder.heard.size(), 4u);
}

TEST_F(TopicHandlerTest, may_be_asked_while_the_server_stops) {
  start();
  recorder.takes_time = Duration::seconds(60);
  TestClient& a = connect("a");
  publish(a, "$mine/x", "1", {.qos = mqtt::Qos::at_least_once});
  stop();
  EXPECT_EQ(server, nullptr);
}

// A message of the node's own.
TEST_F(TopicHandlerTest, hear_when_what_they_publish_is_durable_and_handed_on) {
  start();
  TestClient& a = connect({.id = "a", .clean = true});
  EXPECT_EQ(server->broker().listeners("$mine/told"), 0u);
  Awaited own(machine.core(1));
  server->broker().publish_own("$mine/told", as_bytes("nobody"), 0, &own);
  EXPECT_EQ(own.left, 0u);  // nobody has subscribed: nothing is done
  subscribe(a, {.filter = "$mine/told", .qos = mqtt::Qos::at_least_once});
  EXPECT_EQ(server->broker().listeners("$mine/told"), 1u);
  server->broker().publish_own("$mine/told", as_bytes("hello"), 60, &own);
  EXPECT_EQ(own.left, 1u);
  settle();
  EXPECT_EQ(own.left, 0u);
  EXPECT_FALSE(own.failed);
  EXPECT_EQ(a.messages, Lines{"$mine/told=hello q1 60s"});
}

}  // namespace
}  // namespace keel::broker::test
