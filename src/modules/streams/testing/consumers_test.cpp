// Consumers: where they begin, what they are given again and when, and what acknowledgements do.
#include "modules/streams/testing/streams_kit.hpp"

namespace keel::streams::testing {
namespace {

std::vector<Sequence> sequences(const std::vector<Delivery>& deliveries) {
  std::vector<Sequence> all;
  for (const Delivery& one : deliveries) all.push_back(one.sequence);
  return all;
}
using Sequences = std::vector<Sequence>;

struct ConsumerTest : ::testing::Test {
  ConsumerTest() {
    kit.put_stream("s", {.filters = {"#"}});
    append(5);
  }
  void append(int messages) {
    for (int i = 0; i < messages; ++i) kit.add("t/" + std::to_string(i % 2), "x");
  }
  Sequences fetch(std::uint32_t most = 0) { return sequences(kit.fetch("s", "c", most)); }
  LogCode ack(Sequence sequence, AckKind kind = AckKind::done, std::uint64_t delay_ms = 0) {
    return kit.acknowledge("s", "c", {{.sequence = sequence, .kind = kind, .delay_ms = delay_ms}});
  }
  ConsumerView view() const { return kit.consumer("s", "c"); }

  StreamsKit kit;
};

TEST_F(ConsumerTest, begins_where_its_terms_say) {
  const Timestamp then = kit.harness.now();
  append(2);
  kit.put_consumer("s", "first");
  kit.put_consumer("s", "end", {.start = StartAt::end});
  kit.put_consumer("s", "third", {.start = StartAt::sequence, .start_sequence = 3});
  kit.put_consumer("s", "then", {.start = StartAt::time, .start_time = then});
  EXPECT_EQ(sequences(kit.fetch("s", "first")), (Sequences{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(sequences(kit.fetch("s", "end")), (Sequences{}));
  EXPECT_EQ(sequences(kit.fetch("s", "third")), (Sequences{3, 4, 5, 6, 7}));
  EXPECT_EQ(sequences(kit.fetch("s", "then")), (Sequences{6, 7}));
  append(1);
  EXPECT_EQ(sequences(kit.fetch("s", "end")), (Sequences{8}));
}

TEST_F(ConsumerTest, keeps_its_place_and_its_floor) {
  kit.put_consumer("s", "c");
  EXPECT_EQ(fetch(3), (Sequences{1, 2, 3}));
  EXPECT_EQ(fetch(1), (Sequences{4}));
  EXPECT_EQ(view().delivered, 4u);
  EXPECT_EQ(view().waiting, 1u);
  EXPECT_EQ(view().ack_floor, 0u);
  ack(2);
  ack(1);
  EXPECT_EQ(view().ack_floor, 2u);
  EXPECT_EQ(view().ack_floor_consumer, 2u);
  EXPECT_EQ(view().ack_pending, 2u);
  ack(3), ack(4);
  EXPECT_EQ(view().ack_floor, 4u);
  EXPECT_TRUE(view().next_redelivery.is_never());
}

TEST_F(ConsumerTest, is_given_again_what_was_not_acknowledged_in_time) {
  kit.put_consumer("s", "c", {.ack_wait_ms = 1'000});
  EXPECT_EQ(fetch(2), (Sequences{1, 2}));
  ack(1);
  EXPECT_EQ(fetch(2), (Sequences{3, 4})) << "not yet";
  kit.harness.advance(Duration::milliseconds(1'000));
  const auto again = kit.fetch("s", "c");
  EXPECT_EQ(again,
            (std::vector<Delivery>{{.sequence = 2, .consumer_sequence = 5, .deliveries = 2},
                                   {.sequence = 3, .consumer_sequence = 6, .deliveries = 2},
                                   {.sequence = 4, .consumer_sequence = 7, .deliveries = 2},
                                   {.sequence = 5, .consumer_sequence = 8, .deliveries = 1}}));
  EXPECT_EQ(view().redelivered, 3u);
  EXPECT_EQ(view().ack_floor_consumer, 1u) << "the first delivery of 2 was the second of all";
}

TEST_F(ConsumerTest, may_say_again_or_later_or_never) {
  kit.put_consumer("s", "c", {.ack_wait_ms = 1'000});
  EXPECT_EQ(fetch(4), (Sequences{1, 2, 3, 4}));
  ack(1, AckKind::again);
  ack(2, AckKind::again, 5'000);
  ack(3, AckKind::give_up);
  EXPECT_EQ(fetch(1), (Sequences{1})) << "at once, and before what is new";
  kit.harness.advance(Duration::milliseconds(900));
  ack(4, AckKind::progress);
  kit.harness.advance(Duration::milliseconds(900));
  EXPECT_EQ(fetch(1), (Sequences{1}));
  EXPECT_EQ(fetch(), (Sequences{5}));
  kit.harness.advance(Duration::milliseconds(4'000));
  EXPECT_EQ(fetch(), (Sequences{4, 1, 5, 2})) << "the longest overdue first";
  EXPECT_EQ(view().given_up, 1u);
}

TEST_F(ConsumerTest, gives_up_after_so_many_deliveries) {
  kit.put_consumer("s", "c", {.ack_wait_ms = 100, .max_deliveries = 2});
  EXPECT_EQ(fetch(1), (Sequences{1}));
  kit.harness.advance(Duration::milliseconds(100));
  EXPECT_EQ(fetch(1), (Sequences{1}));
  kit.harness.advance(Duration::milliseconds(100));
  EXPECT_EQ(fetch(1), (Sequences{2}));
  EXPECT_EQ(view().given_up, 1u);
  EXPECT_EQ(view().ack_pending, 1u);
}

TEST_F(ConsumerTest, is_given_no_more_than_may_be_pending) {
  kit.put_consumer("s", "c", {.max_ack_pending = 2});
  EXPECT_EQ(fetch(), (Sequences{1, 2}));
  EXPECT_EQ(fetch(), (Sequences{}));
  ack(1);
  EXPECT_EQ(fetch(), (Sequences{3}));
}

TEST_F(ConsumerTest, acknowledges_up_to_a_message) {
  kit.put_consumer("s", "c", {.ack = AckPolicy::up_to});
  fetch();
  EXPECT_EQ(kit.acknowledge("s", "c",
                            {{.sequence = 3},
                             {.sequence = 2, .kind = AckKind::again},
                             {.sequence = 5, .kind = AckKind::again}}),
            LogCode::done);
  EXPECT_EQ(view().ack_floor, 3u);
  EXPECT_EQ(fetch(), (Sequences{5}));
}

TEST_F(ConsumerTest, without_acknowledgements_keeps_only_its_place) {
  kit.put_consumer("s", "c", {.ack = AckPolicy::none});
  EXPECT_EQ(fetch(2), (Sequences{1, 2}));
  EXPECT_EQ(ack(1), LogCode::not_acknowledged);
  EXPECT_EQ(view().ack_floor, 2u);
  EXPECT_EQ(fetch(), (Sequences{3, 4, 5}));
}

TEST_F(ConsumerTest, sees_only_what_its_filter_matches) {
  kit.put_consumer("s", "c", {.filter = "t/1"});
  EXPECT_EQ(fetch(), (Sequences{2, 4}));
  EXPECT_EQ(view().delivered, 5u) << "the last was looked at";
  append(1);
  EXPECT_EQ(fetch(), (Sequences{}));
  EXPECT_EQ(view().delivered, 6u);
}

TEST_F(ConsumerTest, looks_at_so_many_at_once) {
  BatchWriter batch;
  for (int i = 0; i < 2'000; ++i) {
    batch.publish({.qos = 1, .topic = i == 1'999 ? "rare" : "usual"});
  }
  kit.run(batch);
  kit.put_consumer("s", "c", {.filter = "rare"});
  int fetches = 0;
  for (bool more = true; more; ++fetches) {
    const auto said = kit.say(Fetch{.stream = "s", .consumer = "c", .max_messages = 10});
    const auto answer = decode<Fetch::Answer>(said.reply).value();
    more = answer.more;
    if (!answer.messages.empty()) {
      EXPECT_EQ(answer.messages[0].sequence, 2'005u);
      break;
    }
  }
  EXPECT_GT(fetches, 2);
}

TEST(ConsumerFilter, passes_over_a_piece_of_large_messages_at_once) {
  StreamsKit kit({}, 1'000);
  kit.put_stream("s", {.filters = {"#"}});
  const std::string payload(64 << 10, 'x');
  for (int i = 0; i < 200; ++i) kit.add("usual", payload);
  kit.add("rare", payload);
  kit.put_consumer("s", "c", {.filter = "rare"});
  const auto first = decode<Fetch::Answer>(kit.say(Fetch{.stream = "s", .consumer = "c"}).reply);
  EXPECT_TRUE(first->messages.empty() && first->more);
  const Sequence passed_over = kit.consumer("s", "c").delivered;
  EXPECT_GT(passed_over, 50u);
  EXPECT_LE(passed_over, 128u);
  EXPECT_EQ(sequences(kit.fetch("s", "c")), (Sequences{201}));
  const auto page = kit.look(ReadMessages{.stream = "s", .filter = "rare"});
  EXPECT_TRUE(page.messages.empty());
  EXPECT_EQ(page.next, passed_over + 1);
}

TEST_F(ConsumerTest, is_given_a_page_at_most) {
  const std::string payload(200'000, 'x');
  for (int i = 0; i < 9; ++i) kit.add("large", payload);
  kit.put_consumer("s", "c", {.filter = "large"});
  EXPECT_EQ(sequences(kit.fetch("s", "c", 0, UINT64_MAX)), (Sequences{6, 7, 8, 9, 10}));
  EXPECT_EQ(fetch(), (Sequences{11, 12, 13, 14}));
}

TEST_F(ConsumerTest, is_given_as_many_bytes_as_it_asks_for) {
  kit.put_consumer("s", "c");
  EXPECT_EQ(sequences(kit.fetch("s", "c", 0, 2 * 128)), (Sequences{1, 2}));
  EXPECT_EQ(sequences(kit.fetch("s", "c", 0, 1)), (Sequences{3})) << "one always";
}

TEST_F(ConsumerTest, passes_over_what_the_stream_has_dropped) {
  kit.put_consumer("s", "c", {.ack_wait_ms = 100});
  EXPECT_EQ(fetch(2), (Sequences{1, 2}));
  kit.say(PurgeStream{.name = "s", .before = 4});
  EXPECT_EQ(fetch(1), (Sequences{4}));
  kit.harness.advance(Duration::milliseconds(200));
  EXPECT_EQ(fetch(), (Sequences{4, 5}));
  EXPECT_EQ(view().given_up, 2u);
  EXPECT_EQ(ack(1), LogCode::done);
  EXPECT_EQ(view().ack_pending, 2u);
}

TEST_F(ConsumerTest, changes_its_bounds_and_nothing_else) {
  EXPECT_EQ(kit.put_consumer("s", "c", {.filter = "t/#"}), LogCode::done);
  EXPECT_EQ(kit.put_consumer("s", "c", {.filter = "t/#", .ack_wait_ms = 50, .max_deliveries = 3}),
            LogCode::done);
  EXPECT_EQ(view().terms.max_deliveries, 3u);
  EXPECT_EQ(kit.put_consumer("s", "c", {.filter = "t/+"}), LogCode::consumer_differs);
  EXPECT_EQ(kit.put_consumer("s", "c", {.filter = "t/#", .ack = AckPolicy::none}),
            LogCode::consumer_differs);
}

TEST_F(ConsumerTest, that_is_deleted_leaves_nothing_behind) {
  kit.put_consumer("s", "c");
  fetch();
  EXPECT_EQ(kit.say(DeleteConsumer{.stream = "s", .name = "c"}).code, LogCode::done);
  EXPECT_EQ(ack(1), LogCode::consumer_unknown);
  EXPECT_EQ(kit.put_consumer("s", "c"), LogCode::done);
  EXPECT_EQ(fetch(), (Sequences{1, 2, 3, 4, 5})) << "another one, that begins anew";
  EXPECT_EQ(kit.expire(), 1u);
  EXPECT_EQ(kit.stream("s").consumers, 1u);
  EXPECT_EQ(kit.look(ListConsumers{.stream = "s"}).consumers.size(), 1u);
}

TEST(ConsumerBounds, of_all_consumers_together_are_named) {
  StreamsKit kit({.max_pending = 3});
  kit.put_stream("s", {.filters = {"t"}});
  for (int i = 0; i < 5; ++i) kit.add("t", "x");
  kit.put_consumer("s", "one");
  kit.put_consumer("s", "two");
  EXPECT_EQ(kit.fetch("s", "one").size(), 3u);
  EXPECT_EQ(kit.say(Fetch{.stream = "s", .consumer = "two"}).code, LogCode::pending_full);
}

TEST(ConsumerBounds, of_requests_are_errors) {
  StreamsKit kit;
  kit.put_stream("s");
  kit.put_consumer("s", "c");
  const auto refused = [](const StreamsKit::Said& said) {
    return said.error.has_value() && said.error->kind().number == 1106;
  };
  EXPECT_TRUE(refused(kit.say(Acknowledge{.stream = "s", .consumer = "c"})));
  EXPECT_TRUE(refused(kit.say(
      Acknowledge{.stream = "s", .consumer = "c", .acks = std::vector<Ack>(kMaxAcks + 1)})));
  EXPECT_TRUE(refused(kit.say(
      PutConsumer{.stream = "s", .name = "d", .terms = {.max_ack_pending = kMaxAckPending + 1}})));
  EXPECT_TRUE(refused(
      kit.say(PutConsumer{.stream = "s", .name = "d", .terms = {.start = StartAt::sequence}})));
  EXPECT_EQ(kit.say(Fetch{.stream = "s", .consumer = "d"}).code, LogCode::consumer_unknown);
}

}  // namespace
}  // namespace keel::streams::testing
