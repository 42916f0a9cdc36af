// Named streams: what they take, what they keep, and what is let go.
#include "base/hash/sha256.hpp"
#include "modules/streams/testing/streams_kit.hpp"

namespace keel::streams::testing {
namespace {

ToStream to_stream(std::string_view name, std::uint64_t expected_last = kWhateverSequence) {
  ToStream to{.expected_last = expected_last};
  const Digest digest = sha256(as_bytes(name));
  std::ranges::copy(ByteView(digest).first(16), to.name_digest.begin());
  return to;
}

std::vector<Sequence> sequences(const std::map<Sequence, StoredMessageView>& messages) {
  std::vector<Sequence> all;
  for (const auto& [sequence, message] : messages) all.push_back(sequence);
  return all;
}

TEST(NamedStream, takes_what_its_filters_match_and_nothing_else) {
  StreamsKit kit;
  EXPECT_EQ(kit.put_stream("meters", {.filters = {"plant/+/meter/#", "grid"}}), LogCode::done);
  EXPECT_EQ(kit.add("plant/4/meter/17", "one").sequence, 1u);
  EXPECT_EQ(kit.add("grid", "two").sequence, 2u);
  EXPECT_EQ(kit.add("plant/4/door", "three").sequence, 0u);
  EXPECT_EQ(kit.add("plant/4/meter", "four").sequence, 3u);
  const auto stored = kit.stored("meters", 2);
  EXPECT_EQ(sequences(stored), (std::vector<Sequence>{1, 2, 3}));
  EXPECT_EQ(stored.at(1).topic, "plant/4/meter/17");
  EXPECT_EQ(as_text(stored.at(2).payload), "two");
  const StreamView view = kit.stream("meters");
  EXPECT_EQ(view.messages, 3u);
  EXPECT_EQ(view.bytes, 3u * 128);
  EXPECT_EQ(view.first, 1u);
  EXPECT_EQ(view.last, 3u);
}

// The message of a stream that sessions wait for too is stored once, in the batch that says both.
TEST(NamedStream, shares_a_message_with_the_queues_that_wait_for_it) {
  StreamsKit kit;
  kit.put_stream("all", {.filters = {"#"}, .max_messages = 1});
  const Opened opened = kit.open("meter");
  const std::string payload(1'000, 'p');
  const EntryNumber first = kit.publish(opened.session, "t", payload);
  kit.publish(opened.session, "t", "other");
  EXPECT_EQ(kit.statistics().message_bytes, 0u) << "nothing lies with what only queues want";
  EXPECT_EQ(kit.stream("all").messages, 1u);
  EXPECT_EQ(kit.entries(opened.session).at(first.value()).message.payload, payload)
      << "gone from the stream, and still waited for";
  EXPECT_EQ(kit.finish(opened.session, first), OpCode::done);
  EXPECT_EQ(sequences(kit.stored("all")), (std::vector<Sequence>{2}));
}

TEST(NamedStream, is_refused_a_filter_that_another_one_has_topics_of) {
  StreamsKit kit;
  EXPECT_EQ(kit.put_stream("a", {.filters = {"a/+/c"}}), LogCode::done);
  EXPECT_EQ(kit.put_stream("b", {.filters = {"x", "a/b/#"}}), LogCode::filters_overlap);
  EXPECT_EQ(kit.put_stream("b", {.filters = {"a/b"}}), LogCode::done);
  EXPECT_EQ(kit.put_stream("a", {.filters = {"a/b/c", "a/+/c"}}), LogCode::done) << "its own";
  kit.harness.set_tenant(TenantId(2));
  EXPECT_EQ(kit.put_stream("b", {.filters = {"#"}}), LogCode::done) << "tenants share nothing";
}

TEST(NamedStream, is_told_from_others_with_long_filters) {
  StreamsKit kit;
  const std::string deep(200, 'd');
  kit.put_stream("long", {.filters = {deep + "/#"}});
  kit.put_stream("longer", {.filters = {deep + "e/#"}});
  EXPECT_EQ(kit.add(deep + "/1", "x").sequence, 1u);
  EXPECT_EQ(kit.add(deep + "e/1", "x").sequence, 1u);
  EXPECT_EQ(kit.stream("longer").messages, 1u);
  EXPECT_EQ(kit.say(DeleteStream{.name = "long"}).code, LogCode::done);
  EXPECT_EQ(kit.add(deep + "/1", "x").sequence, 0u);
}

TEST(NamedStream, takes_explicit_messages_in_their_sequence) {
  StreamsKit kit;
  kit.put_stream("log");
  kit.put_stream("meters", {.filters = {"m/#"}});
  const ToStream log = to_stream("log");
  EXPECT_EQ(kit.add("anything", "one", &log).sequence, 1u);
  const ToStream meters = to_stream("meters");
  EXPECT_EQ(kit.add("anything", "two", &meters).code, OpCode::no_match);
  EXPECT_EQ(kit.add("m/1", "two", &meters).sequence, 1u);
  const ToStream nowhere = to_stream("nowhere");
  EXPECT_EQ(kit.add("t", "x", &nowhere).code, OpCode::no_stream);
  const ToStream second = to_stream("log", 1);
  BatchWriter batch;
  batch.publish({.topic = "t", .payload = as_bytes("three"), .to_stream = &second});
  batch.publish({.topic = "t", .payload = as_bytes("again"), .to_stream = &second});
  const Outcome outcome = kit.run(batch);
  EXPECT_EQ(outcome.results[0].numbers.back(), 2u);
  EXPECT_EQ(outcome.results[1].code, OpCode::wrong_sequence) << "as if applied before";
}

TEST(NamedStream, lets_the_oldest_make_room) {
  StreamsKit kit;
  kit.put_stream("few", {.filters = {"t"}, .max_messages = 5});
  BatchWriter batch;
  for (int i = 0; i < 40; ++i) {
    batch.publish({.qos = 1, .topic = "t", .payload = as_bytes(std::to_string(i))});
  }
  kit.run(batch);
  EXPECT_EQ(sequences(kit.stored("few")), (std::vector<Sequence>{36, 37, 38, 39, 40}));
  kit.put_stream("few", {.filters = {"t"}, .max_bytes = 3 * 128});
  EXPECT_EQ(sequences(kit.stored("few")), (std::vector<Sequence>{38, 39, 40}));
  kit.add("t", std::string(300, 'x'));  // three rows: alone
  EXPECT_EQ(sequences(kit.stored("few")), (std::vector<Sequence>{41}));
  EXPECT_EQ(kit.add("t", std::string(400, 'x')).code, OpCode::too_large);
}

TEST(NamedStream, keeps_as_many_of_the_newest_as_its_bytes_take) {
  StreamsKit kit({}, 10);
  std::vector<std::uint64_t> bytes;  // as stored
  kit.put_stream("s", {.filters = {"t"}});
  for (std::size_t i = 0; i < 100; ++i) {
    const std::uint64_t before = kit.stream("s").bytes;
    kit.add("t", std::string(i * 37 % 1'000, 'x'));
    bytes.push_back(kit.stream("s").bytes - before);
  }
  for (std::uint64_t limit = kit.stream("s").bytes - 1; limit >= 2'000; limit = limit * 2 / 3) {
    kit.put_stream("s", {.filters = {"t"}, .max_bytes = limit});
    std::uint64_t kept = 0;
    Sequence first = bytes.size() + 1;
    while (kept + bytes.at(first - 2) <= limit) kept += bytes.at(--first - 1);
    EXPECT_EQ(kit.stream("s").first, first) << limit;
    EXPECT_EQ(kit.stream("s").bytes, kept);
  }
  EXPECT_TRUE(kit.say(PutStream{.name = "s", .terms = {.max_bytes = 127}}).error.has_value());
}

TEST(NamedStream, refuses_the_newest_where_its_terms_say_so) {
  StreamsKit kit;
  kit.put_stream("few", {.filters = {"t"},
                         .max_messages = 2,
                         .max_bytes = 128 * 4,
                         .max_message_bytes = 300,
                         .discard = Discard::newest});
  BatchWriter batch;
  for (int i = 0; i < 4; ++i) batch.publish({.qos = 1, .topic = "t", .payload = as_bytes("x")});
  const Outcome outcome = kit.run(batch);
  EXPECT_EQ(outcome.results[1].numbers, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(outcome.results[2].code, OpCode::stream_full);
  EXPECT_EQ(outcome.results[3].code, OpCode::stream_full);
  EXPECT_EQ(kit.add("t", std::string(300, 'x')).code, OpCode::too_large);
  EXPECT_EQ(kit.say(PurgeStream{.name = "few"}).code, LogCode::done);
  EXPECT_EQ(kit.add("t", std::string(290, 'x')).sequence, 3u);
  EXPECT_EQ(kit.add("t", std::string(90, 'x')).code, OpCode::stream_full) << "by its bytes";
}

// A refused message is nowhere: not in the queues either.
TEST(NamedStream, that_is_full_refuses_the_publish_as_a_whole) {
  StreamsKit kit;
  const Opened opened = kit.open("meter");
  kit.put_stream("few", {.filters = {"t"}, .max_messages = 1, .discard = Discard::newest});
  kit.add("t", "x");
  const std::array targets{Target{.session = opened.session, .qos = 1}};
  BatchWriter batch;
  batch.publish({.qos = 1, .topic = "t", .payload = as_bytes("y"), .targets = targets});
  EXPECT_EQ(kit.one(batch).code, OpCode::stream_full);
  EXPECT_TRUE(kit.entries(opened.session).empty());
}

TEST(NamedStream, drops_what_is_too_old) {
  StreamsKit kit;
  kit.put_stream("day", {.filters = {"t"}, .max_age_s = 10});
  kit.add("t", "one");
  kit.harness.advance(Duration::seconds(5));
  kit.add("t", "two");
  kit.expire();
  EXPECT_EQ(kit.stream("day").messages, 2u);
  kit.harness.advance(Duration::seconds(6));
  kit.expire();
  EXPECT_EQ(sequences(kit.stored("day")), (std::vector<Sequence>{2}));
  kit.harness.advance(Duration::seconds(5));
  kit.expire();
  EXPECT_EQ(kit.stream("day").messages, 0u);
  EXPECT_FALSE(kit.harness.next_due().has_value()) << "an empty stream waits for nothing";
  EXPECT_EQ(kit.add("t", "three").sequence, 3u);
  kit.put_stream("day", {.filters = {"t"}});
  kit.harness.advance(Duration::seconds(50));
  kit.expire();
  EXPECT_EQ(kit.stream("day").messages, 1u);
}

TEST(NamedStream, is_purged_from_the_front) {
  StreamsKit kit;
  kit.put_stream("s", {.filters = {"t"}});
  for (int i = 0; i < 10; ++i) kit.add("t", "x");
  const auto purge = [&](Sequence before, std::uint64_t keep) {
    const auto said = kit.say(PurgeStream{.name = "s", .before = before, .keep = keep});
    return decode<PurgeStream::Answer>(said.reply).value().purged;
  };
  EXPECT_EQ(purge(4, 0), 3u);
  EXPECT_EQ(purge(9, 5), 2u);
  EXPECT_EQ(purge(2, 0), 0u);
  EXPECT_EQ(sequences(kit.stored("s")), (std::vector<Sequence>{6, 7, 8, 9, 10}));
  EXPECT_EQ(purge(0, 0), 5u);
  EXPECT_EQ(kit.stream("s").bytes, 0u);
  EXPECT_EQ(kit.add("t", "x").sequence, 11u);
}

// What is gone frees memory and, where there is an archive, disk: nothing but less than a segment
// of rows stays wanted.
TEST(NamedStream, shares_a_lane_with_another_at_the_cost_of_no_more_blocks) {
  StreamsKit kit({.max_blocks = 10}, 50);
  for (int i = 0; i < 9; ++i) {
    const std::string name = "s" + std::to_string(i);
    kit.put_stream(name, {.filters = {name}});
  }
  // The first and the last are in one of eight lanes.
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(kit.add("s0", std::string(700, 'a') + std::to_string(i)).code, OpCode::done);
    EXPECT_EQ(kit.add("s8", std::to_string(i)).code, OpCode::done);
  }
  const auto stored = kit.stored("s0");
  ASSERT_EQ(stored.size(), 64u);
  for (const auto& [sequence, message] : stored) {
    EXPECT_EQ(as_text(message.payload), std::string(700, 'a') + std::to_string(sequence - 1));
  }
  for (const auto& [sequence, message] : kit.stored("s8")) {
    EXPECT_EQ(as_text(message.payload), std::to_string(sequence - 1));
  }
}

TEST(NamedStream, lets_go_of_what_nobody_finds_any_more) {
  StreamsKit kit({.max_stream_bytes = 3 << 20}, 50);
  kit.put_stream("s", {.filters = {"t"}, .max_messages = 10});
  const std::string payload(50'000, 'x');  // 391 rows: 50 are 2.5 MB
  for (int i = 0; i < 200; ++i) EXPECT_EQ(kit.add("t", payload).code, OpCode::done);
  EXPECT_EQ(kit.stored("s").size(), 10u);
  kit.put_stream("kept", {.filters = {"kept"}});
  OpCode code{};
  for (int i = 0; i < 100 && code == OpCode::done; ++i) code = kit.add("kept", payload).code;
  EXPECT_EQ(code, OpCode::streams_full);
  EXPECT_EQ(kit.say(DeleteStream{.name = "s"}).code, LogCode::done);
  kit.expire();
  EXPECT_EQ(kit.add("kept", payload).code, OpCode::done);
}

TEST(NamedStream, goes_with_its_messages_and_consumers_piece_by_piece) {
  StreamsKit kit;
  kit.put_stream("s", {.filters = {"t"}});
  BatchWriter batch;
  for (int i = 0; i < 3'000; ++i) batch.publish({.qos = 1, .topic = "t"});
  kit.run(batch);
  for (const char* name : {"one", "two"}) {
    kit.put_consumer("s", name, {.max_ack_pending = 500});
    EXPECT_EQ(kit.fetch("s", name, 500).size(), 500u);
  }
  kit.put_consumer("s", "idle");
  EXPECT_EQ(kit.say(DeleteStream{.name = "s"}).code, LogCode::done);
  EXPECT_FALSE(kit.look(GetStream{.name = "s"}).found);
  EXPECT_FALSE(kit.look(GetConsumer{.stream = "s", .name = "one"}).found);
  EXPECT_EQ(kit.put_stream("s", {.filters = {"t"}}), LogCode::done) << "the name is free";
  EXPECT_EQ(kit.add("t", "x").sequence, 1u);
  const std::size_t events = kit.expire(1);
  EXPECT_GT(events, 10u) << "in bounded pieces";
  EXPECT_EQ(kit.stored("s").size(), 1u);
  EXPECT_EQ(kit.say(DeleteStream{.name = "s"}).code, LogCode::done);
  kit.expire();
  EXPECT_EQ(kit.statistics().content_bytes, 0u);
  EXPECT_TRUE(kit.look(ListStreams{}).streams.empty());
}

TEST(NamedStream, is_read_from_a_time_on_and_by_filter) {
  StreamsKit kit;
  kit.put_stream("s", {.filters = {"#"}});
  std::vector<Timestamp> times;
  for (int i = 0; i < 100; ++i) {
    times.push_back(kit.harness.now());
    kit.add(i % 2 == 0 ? "even" : "odd/x", std::to_string(i));
    kit.harness.advance(Duration::milliseconds(7));
  }
  for (const std::size_t i : {0uz, 1uz, 31uz, 32uz, 99uz}) {
    const auto answer = kit.look(ReadMessages{.stream = "s", .from_time = times[i], .limit = 1});
    ASSERT_EQ(answer.messages.size(), 1u);
    EXPECT_EQ(answer.messages[0].sequence, i + 1);
    EXPECT_EQ(answer.messages[0].published_at, times[i]);
  }
  const Timestamp later = kit.harness.now();
  EXPECT_TRUE(kit.look(ReadMessages{.stream = "s", .from_time = later}).messages.empty());
  const auto odd = kit.look(ReadMessages{.stream = "s", .from = 50, .filter = "odd/+", .limit = 3});
  ASSERT_EQ(odd.messages.size(), 3u);
  EXPECT_EQ(odd.messages[2].sequence, 54u);
  EXPECT_EQ(odd.next, 55u);
  const auto these = kit.look(ReadMessages{.stream = "s", .sequences = {7, 101, 3}});
  ASSERT_EQ(these.messages.size(), 2u);
  EXPECT_EQ(as_text(these.messages[1].payload), "2");
}

TEST(NamedStream, is_read_in_pages_of_so_many_bytes) {
  StreamsKit kit;
  kit.put_stream("s", {.filters = {"t"}});
  for (const std::size_t bytes : {0uz, 100uz, 128uz, 5'000uz, 100'000uz, 1uz}) {
    kit.add("t", std::string(bytes, 'b'));
  }
  const auto page = kit.look(ReadMessages{.stream = "s", .budget_bytes = 640});
  EXPECT_EQ(page.messages.size(), 3u);
  EXPECT_EQ(page.next, 4u);
  const auto large = kit.look(ReadMessages{.stream = "s", .from = 5, .budget_bytes = 1});
  ASSERT_EQ(large.messages.size(), 1u);
  EXPECT_EQ(large.messages[0].payload.size(), 100'000u);
  EXPECT_EQ(kit.stored("s").size(), 6u);
}

TEST(NamedStream, is_listed_in_pages) {
  StreamsKit kit;
  for (const char* name : {"a", "b", "c"}) kit.put_stream(name, {.description_text = "of tests"});
  const auto page = kit.look(ListStreams{.limit = 2});
  ASSERT_EQ(page.streams.size(), 2u);
  EXPECT_EQ(page.streams[1].name, "b");
  EXPECT_EQ(page.streams[1].terms.description_text, "of tests");
  const auto rest = kit.look(ListStreams{.after = page.next});
  ASSERT_EQ(rest.streams.size(), 1u);
  EXPECT_EQ(rest.next, 0u);
}

TEST(NamedStreamBounds, are_named) {
  StreamsKit kit({.max_content_rows = 8, .max_streams = 2, .max_consumers = 1});
  EXPECT_EQ(kit.put_stream("a"), LogCode::done);
  EXPECT_EQ(kit.put_stream("b", {.description_text = std::string(500, 'd')}), LogCode::done);
  EXPECT_EQ(kit.put_stream("c"), LogCode::streams_full);
  EXPECT_EQ(kit.put_stream("a", {.description_text = std::string(500, 'd')}),
            LogCode::contents_full);
  EXPECT_EQ(kit.put_consumer("a", "one"), LogCode::done);
  EXPECT_EQ(kit.put_consumer("a", "two"), LogCode::consumers_full);
  EXPECT_EQ(kit.put_consumer("c", "two"), LogCode::stream_unknown);
  const auto refused = [&](const StreamTerms& terms, const std::string& name = "a") {
    const auto said = kit.say(PutStream{.name = name, .terms = terms});
    return said.error.has_value() && said.error->kind().number == 1106;
  };
  EXPECT_TRUE(refused({}, "with space"));
  EXPECT_TRUE(refused({}, ""));
  EXPECT_TRUE(refused({}, std::string(65, 'n')));
  EXPECT_TRUE(refused({.filters = {""}}));
  EXPECT_TRUE(refused({.filters = std::vector<std::string>(17, "f")}));
  EXPECT_TRUE(refused({.filters = {std::string(513, 'f')}}));
  EXPECT_TRUE(refused({.max_message_bytes = (1 << 20) + 1}));
}

}  // namespace
}  // namespace keel::streams::testing
