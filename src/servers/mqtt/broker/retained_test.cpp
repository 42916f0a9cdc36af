#include "servers/mqtt/broker/retained.hpp"

#include <gtest/gtest.h>

namespace keel::broker {
namespace {

SharedMessage message(std::string_view topic, std::string_view payload = "x") {
  return std::make_shared<StoredMessage>(
      mqtt::Publish{.topic = topic, .payload = as_bytes(payload)}, Timestamp{});
}

struct RetainedTest : testing::Test {
  RetainedMessages retained{{.messages = 100, .bytes = 1'000'000}};

  void set(std::initializer_list<std::string_view> topics) {
    for (const std::string_view topic : topics) retained.set(message(topic));
  }
  std::string found(std::string_view filter, std::size_t most = 1'000) {
    std::string topics;
    std::string after;
    for (;;) {
      const bool at_end = retained.visit(filter, after, most, [&](const SharedMessage& stored) {
        topics += std::string(stored->topic()) + " ";
        return true;
      });
      if (at_end) return topics;
      topics += "| ";
    }
  }
};

TEST_F(RetainedTest, finds_what_a_filter_matches) {
  set({"a", "a/b", "a/b/c", "ab", "b/b", "$SYS/x"});
  EXPECT_EQ(found("a/#"), "a a/b a/b/c ");
  EXPECT_EQ(found("+/b"), "a/b b/b ");
  EXPECT_EQ(found("#"), "a a/b a/b/c ab b/b ");
  EXPECT_EQ(found("$SYS/#"), "$SYS/x ");
  EXPECT_EQ(found("a/b"), "a/b ");
  EXPECT_EQ(found("c"), "");
}

TEST_F(RetainedTest, goes_on_where_it_stopped) {
  set({"a/1", "a/2", "a/3"});
  EXPECT_EQ(found("a/+", 2), "a/1 a/2 | a/3 ");
  std::string after;
  int seen = 0;
  EXPECT_FALSE(retained.visit("a/+", after, 10, [&](const SharedMessage&) { return ++seen < 2; }));
  EXPECT_EQ(after, "a/1");  // the second was not dealt with
}

TEST_F(RetainedTest, the_last_of_a_topic_is_kept) {
  retained.set(message("a", "first"));
  const std::size_t bytes = retained.bytes();
  retained.set(message("a", "later"));
  EXPECT_EQ(retained.size(), 1u);
  EXPECT_EQ(retained.bytes(), bytes);
  retained.erase("a");
  EXPECT_EQ(retained.size(), 0u);
  EXPECT_EQ(retained.bytes(), 0u);
}

TEST_F(RetainedTest, is_bounded) {
  RetainedMessages one({.messages = 1, .bytes = 300});
  EXPECT_TRUE(one.has_room("a", 200));
  EXPECT_FALSE(one.has_room("a", 301));
  one.set(message("a"));
  EXPECT_FALSE(one.has_room("b", 1));
  EXPECT_TRUE(one.has_room("a", 300));
}

// Expires after `expiry_s` of the epoch.
SharedMessage mortal(std::string_view topic, unsigned expiry_s) {
  const Bytes properties = {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0},
                            static_cast<std::byte>(expiry_s)};
  return StoredMessage::of({.topic = topic, .payload = as_bytes("x")}, properties, Timestamp{});
}

constexpr Timestamp second(std::int64_t number) {
  return Timestamp{} + Duration::seconds(number);
}

TEST_F(RetainedTest, what_has_expired_goes_the_oldest_first_and_no_more_than_was_asked_for) {
  set({"for ever"});
  for (const auto& [topic, expiry_s] : {std::pair{"a", 3u}, {"b", 1u}, {"c", 2u}, {"d", 9u}})
    retained.set(mortal(topic, expiry_s));
  EXPECT_EQ(retained.expire(second(1) - Duration::nanoseconds(1), 10), 0u);
  EXPECT_EQ(retained.expire(second(5), 2), 2u);
  EXPECT_EQ(found("#"), "a d for ever ");
  EXPECT_EQ(retained.expire(second(5), 2), 1u);
  EXPECT_EQ(found("#"), "d for ever ");
  EXPECT_EQ(retained.expire(second(5), 2), 0u);
}

TEST_F(RetainedTest, the_last_of_a_topic_has_its_own_expiry_alone) {
  retained.set(mortal("a", 1));
  retained.set(mortal("a", 5));
  retained.set(mortal("b", 5));
  retained.set(mortal("b", 1));
  retained.set(mortal("c", 1));
  retained.set(message("c"));
  retained.set(mortal("d", 1));
  retained.erase("d");
  EXPECT_EQ(retained.expire(second(2), 10), 1u);
  EXPECT_EQ(found("#"), "a c ");
  retained.set(mortal("d", 9));
  EXPECT_EQ(retained.expire(second(6), 10), 1u);
  EXPECT_EQ(found("#"), "c d ");
  EXPECT_EQ(retained.expire(second(9), 10), 1u);
  EXPECT_EQ(retained.bytes(), message("c")->bytes());
}

TEST_F(RetainedTest, what_has_expired_makes_room_and_what_has_not_does_not) {
  const std::size_t bytes = mortal("a", 1)->bytes();
  RetainedMessages three({.messages = 3, .bytes = 3 * bytes});
  for (const char* topic : {"a", "b", "c"}) three.set(mortal(topic, 1));
  EXPECT_FALSE(three.make_room("d", bytes, second(0)));
  EXPECT_EQ(three.size(), 3u);
  EXPECT_TRUE(three.make_room("d", bytes, second(1)));
  EXPECT_EQ(three.size(), 2u);  // no more than were in the way
  EXPECT_TRUE(three.make_room("d", 2 * bytes, second(1)));
  EXPECT_EQ(three.size(), 1u);
  EXPECT_FALSE(three.make_room("d", 4 * bytes, second(1)));
  EXPECT_EQ(three.size(), 0u);
}

TEST(StoredMessage, its_expiry_runs_down_and_it_expires) {
  const Bytes properties = from_hex("0200000003").value();
  const StoredMessage stored({.topic = "a", .properties = {properties, 1u << 2u}},
                             Timestamp{5'000'000'000});
  Bytes space;
  EXPECT_EQ(to_hex(stored.at(Timestamp{5'900'000'000}, space)->properties.bytes()), "0200000003");
  EXPECT_EQ(to_hex(stored.at(Timestamp{7'100'000'000}, space)->properties.bytes()), "0200000001");
  EXPECT_FALSE(stored.at(Timestamp{8'000'000'000}, space).has_value());
  EXPECT_EQ(stored.expires_at(), Timestamp{8'000'000'000});
  // The clock was set back.
  EXPECT_EQ(to_hex(stored.at(Timestamp{1'000'000'000}, space)->properties.bytes()), "0200000003");
}

}  // namespace
}  // namespace keel::broker
