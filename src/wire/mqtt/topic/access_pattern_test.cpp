#include "wire/mqtt/topic/access_pattern.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {
namespace {

AccessPattern pattern(std::string_view text) {
  return AccessPattern::make(text).value();
}

TEST(AccessPattern, has_places_for_the_names_of_the_client) {
  const AccessPattern own = pattern("devices/%c/%u/#");
  const ClientNames names{.client_id = "m1", .user_name = "ann"};
  EXPECT_TRUE(own.allows_topic("devices/m1/ann/x", names));
  EXPECT_TRUE(own.allows_filter("devices/m1/ann/+", names));
  EXPECT_FALSE(own.allows_topic("devices/m2/ann/x", names));
  EXPECT_FALSE(own.allows_filter("devices/+/ann/x", names));
  EXPECT_FALSE(own.allows_filter("devices/m1/#", names));
}

TEST(AccessPattern, is_never_widened_by_a_name) {
  const AccessPattern own = pattern("devices/%c/#");
  for (const char* name : {"+", "#", "a/b", "+/x", "a+", "", "m1/#"}) {
    const ClientNames names{.client_id = name};
    for (const char* topic : {"devices/m1/x", "devices/a/b", "devices//x", "devices/+/x"}) {
      EXPECT_FALSE(own.allows_topic(topic, names)) << name;
    }
    EXPECT_FALSE(own.allows_filter("devices/+/x", names)) << name;
    EXPECT_FALSE(own.allows_filter("devices/#", names)) << name;
  }
  const ClientNames hidden{.client_id = "$SYS"};
  EXPECT_FALSE(pattern("%c/#").allows_topic("$SYS/x", hidden));
  EXPECT_FALSE(pattern("%u/x").allows_topic("/x", {.client_id = "a"}));
}

RC_GTEST_PROP(AccessPattern, allows_only_what_is_below_the_clients_own_level,
              (const std::string& id)) {
  const std::string topic = "d/" + *rc::gen::element<std::string>("a", "b", "+", "#", "") + "/x";
  if (pattern("d/%c/x").allows_topic(topic, {.client_id = id}))
    RC_ASSERT(topic == "d/" + id + "/x");
}

TEST(AccessPattern, is_a_filter_whose_places_fill_their_levels) {
  for (const char* bad : {"", "a/#/b", "x%c", "%cx/y", "a/%u%c", "+%u"}) {
    EXPECT_TRUE(AccessPattern::make(bad).error().is(kBadPattern)) << bad;
  }
  EXPECT_TRUE(AccessPattern::make("a/b", {.bytes = 2}).error().is(kTopicTooLong));
}

TEST(AccessList, denies_when_it_has_no_rules) {
  const AccessList empty;
  EXPECT_FALSE(empty.may_publish("a", {}));
  EXPECT_FALSE(empty.may_subscribe("a", {}));
  EXPECT_FALSE(empty.may_receive("a", {}));
}

TEST(AccessList, allows_what_one_of_its_rules_allows) {
  AccessList list;
  list.allow({.access = Access::publish, .pattern = pattern("up/%c/+")});
  list.allow({.access = Access::subscribe, .pattern = pattern("down/#")});
  const ClientNames names{.client_id = "m1"};
  EXPECT_TRUE(list.may_publish("up/m1/x", names));
  EXPECT_FALSE(list.may_publish("down/x", names));
  EXPECT_FALSE(list.may_subscribe("up/m1/x", names));
  EXPECT_TRUE(list.may_subscribe("down/a/#", names));
  EXPECT_TRUE(list.may_subscribe("$share/g/down/a", names));
  EXPECT_FALSE(list.may_subscribe("$share/g/up/m1/x", names));
  EXPECT_FALSE(list.may_subscribe("$share/down/#", names));
  EXPECT_FALSE(list.may_subscribe("#", names));
  EXPECT_TRUE(list.may_receive("down/a", names));
}

}  // namespace
}  // namespace keel::mqtt
