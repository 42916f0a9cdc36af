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

TEST(StoredMessage, its_expiry_runs_down_and_it_expires) {
  const Bytes properties = from_hex("0200000003").value();
  const StoredMessage stored({.topic = "a", .properties = {properties, 1u << 2u}},
                             Timestamp{5'000'000'000});
  Bytes space;
  EXPECT_EQ(to_hex(stored.at(Timestamp{5'900'000'000}, space)->properties.bytes()), "0200000003");
  EXPECT_EQ(to_hex(stored.at(Timestamp{7'100'000'000}, space)->properties.bytes()), "0200000001");
  EXPECT_FALSE(stored.at(Timestamp{8'000'000'000}, space).has_value());
  // The clock was set back.
  EXPECT_EQ(to_hex(stored.at(Timestamp{1'000'000'000}, space)->properties.bytes()), "0200000003");
}

}  // namespace
}  // namespace keel::broker
