#include "wire/mqtt/topic/topic.hpp"

#include <gtest/gtest.h>

#include <string>

#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {
namespace {

TEST(TopicName, has_a_character_and_no_wildcard) {  // [MQTT-4.7.1-1] [MQTT-4.7.3-1]
  for (const char* good : {"a", "/", "a/b", "/a", "a/", "a//b", "$SYS/x", " ", "\xc3\xa9"}) {
    EXPECT_TRUE(check_topic_name(good).ok()) << good;
  }
  for (const char* bad : {"", "+", "#", "a/+", "a+", "a/#", "#a"}) {
    EXPECT_TRUE(check_topic_name(bad).error().is(kBadTopicName)) << bad;
  }
}

TEST(TopicName, is_bounded_in_bytes_and_levels) {
  const TopicLimits limits{.bytes = 5, .levels = 3};
  EXPECT_TRUE(check_topic_name("a/b/c", limits).ok());
  EXPECT_TRUE(check_topic_name("abcdef", limits).error().is(kTopicTooLong));
  EXPECT_TRUE(check_topic_name("a///", limits).error().is(kTopicTooLong));
  EXPECT_TRUE(check_topic_filter("+/+/#", limits).ok());
  EXPECT_TRUE(check_topic_filter("////#", limits).error().is(kTopicTooLong));
}

TEST(TopicFilter, has_wildcards_alone_in_their_levels) {  // [MQTT-4.7.1-2] [MQTT-4.7.1-3]
  for (const char* good : {"#", "+", "a/#", "a/+/b", "+/+", "/+", "+/#", "a//#", "$SYS/#", "/"}) {
    EXPECT_TRUE(check_topic_filter(good).ok()) << good;
  }
  for (const char* bad : {"", "a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "##", "++", "a/b#"}) {
    EXPECT_TRUE(check_topic_filter(bad).error().is(kBadTopicFilter)) << bad;
  }
}

TEST(SharedFilter, is_taken_apart) {  // [MQTT-4.8.2-1] [MQTT-4.8.2-2]
  const auto shared = parse_filter("$share/group/a/+/#");
  ASSERT_TRUE(shared.ok());
  EXPECT_EQ(shared->group, "group");
  EXPECT_EQ(shared->filter, "a/+/#");
  EXPECT_TRUE(shared->is_shared());
  EXPECT_EQ(parse_filter("$share/g//")->filter, "/");
  EXPECT_FALSE(parse_filter("$shared/g/a")->is_shared());
  EXPECT_FALSE(parse_filter("a/$share/b")->is_shared());
  for (const char* bad : {"$share", "$share/", "$share//", "$share//a", "$share/g", "$share/g/",
                          "$share/+/a", "$share/#", "$share/g+/a", "$share/g/a#"}) {
    EXPECT_TRUE(parse_filter(bad).error().is(kBadTopicFilter)) << bad;
  }
  EXPECT_TRUE(is_incomplete_share("$share/g/"));
  EXPECT_FALSE(is_incomplete_share("$share/+/a"));
}

struct Pair {
  const char* filter;
  const char* topic;
};

TEST(Matching, follows_the_examples_of_the_specification) {  // section 4.7.1 to 4.7.3
  for (const Pair& pair :
       {Pair{"sport/tennis/player1/#", "sport/tennis/player1"},
        Pair{"sport/tennis/player1/#", "sport/tennis/player1/ranking"},
        Pair{"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"},
        Pair{"sport/#", "sport"}, Pair{"#", "a/b"}, Pair{"#", "/"}, Pair{"+/+", "/finance"},
        Pair{"/+", "/finance"}, Pair{"sport/tennis/+", "sport/tennis/player1"}, Pair{"+/#", "a"},
        Pair{"sport/+", "sport/"}, Pair{"$SYS/#", "$SYS/a"},
        Pair{"$SYS/monitor/+", "$SYS/monitor/x"}, Pair{"a/b", "a/b"}, Pair{"a//b", "a//b"},
        Pair{"+", "a"}}) {
    EXPECT_TRUE(matches(pair.filter, pair.topic)) << pair.filter << " " << pair.topic;
  }
  for (const Pair& pair :
       {Pair{"+", "/finance"}, Pair{"sport/+", "sport"}, Pair{"sport/tennis/+", "sport/tennis/a/b"},
        Pair{"a/b", "a"}, Pair{"a", "a/b"}, Pair{"A", "a"}, Pair{"a", "/a"}, Pair{"/a", "a"},
        Pair{"a/#", "ab"}, Pair{"a/+/#", "a"}, Pair{"a/", "a"}}) {
    EXPECT_FALSE(matches(pair.filter, pair.topic)) << pair.filter << " " << pair.topic;
  }
}

TEST(Matching, keeps_topics_with_a_dollar_from_leading_wildcards) {  // [MQTT-4.7.2-1]
  for (const char* filter : {"#", "+/x", "+/#", "+/+"}) {
    EXPECT_FALSE(matches(filter, "$SYS/x")) << filter;
  }
  EXPECT_TRUE(matches("+/$x", "a/$x"));
}

TEST(Covering, holds_when_every_topic_of_the_narrow_is_one_of_the_wide) {
  for (const Pair& pair :
       {Pair{"#", "a/+/#"}, Pair{"a/#", "a/#"}, Pair{"a/#", "a/+/b"}, Pair{"a/#", "a"},
        Pair{"+/b", "a/b"}, Pair{"+/+", "+/b"}, Pair{"+", "+"}, Pair{"a/#", "a/b/#"}}) {
    EXPECT_TRUE(covers(pair.filter, pair.topic)) << pair.filter << " " << pair.topic;
  }
  for (const Pair& pair :
       {Pair{"a/+", "a/#"}, Pair{"a/b", "a/+"}, Pair{"+/#", "#"}, Pair{"#", "$SYS/#"},
        Pair{"+/x", "$SYS/x"}, Pair{"a", "a/b"}, Pair{"a/+/#", "a"}, Pair{"a/+/#", "a/#"}}) {
    EXPECT_FALSE(covers(pair.filter, pair.topic)) << pair.filter << " " << pair.topic;
  }
}

}  // namespace
}  // namespace keel::mqtt
