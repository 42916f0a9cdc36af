#include "wire/mqtt/topic/subscription_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {
namespace {

constexpr SubscriberId kNobody(0);

ParsedFilter filter(std::string_view text) {
  return parse_filter(text).value();
}

Subscriber subscriber(std::uint64_t id, SubscriptionTerms terms = {}) {
  return {.id = SubscriberId(id), .terms = terms};
}

// "1:2[7,9] 5:0[]": id, quality of service, identifiers.
std::string visited(SubscriptionTree& tree, std::string_view topic,
                    SubscriberId publisher = kNobody) {
  std::string seen;
  tree.visit(topic, publisher, [&seen](const Match& match) {
    if (!seen.empty()) seen += ' ';
    seen += std::to_string(match.subscriber.value()) + ":" + std::to_string(match.qos) + "[";
    for (const std::uint32_t identifier : match.identifiers)
      seen += std::to_string(identifier) + ",";
    seen += "]";
  });
  return seen;
}

TEST(SubscriptionTree, merges_what_overlaps_into_one_match) {  // [MQTT-3.3.4-2] [MQTT-3.3.4-3]
  SubscriptionTree tree;
  ASSERT_TRUE(tree.add(filter("a/#"), subscriber(5, {.qos = 1, .identifier = 9})).ok());
  ASSERT_TRUE(tree.add(filter("a/+"), subscriber(5, {.qos = 2, .identifier = 7})).ok());
  ASSERT_TRUE(tree.add(filter("a/b"), subscriber(1, {.qos = 0})).ok());
  ASSERT_TRUE(tree.add(filter("#"), subscriber(5, {.qos = 0})).ok());
  EXPECT_EQ(visited(tree, "a/b"), "1:0[] 5:2[7,9,]");
  EXPECT_EQ(visited(tree, "a"), "5:1[9,]");
  EXPECT_EQ(visited(tree, "b"), "5:0[]");
}

TEST(SubscriptionTree, replaces_a_subscription_of_the_same_filter) {  // [MQTT-3.8.4-3]
  SubscriptionTree tree;
  EXPECT_TRUE(*tree.add(filter("a"), subscriber(1, {.qos = 2})));
  EXPECT_FALSE(*tree.add(filter("a"), subscriber(1, {.qos = 1})));
  EXPECT_EQ(visited(tree, "a"), "1:1[]");
  EXPECT_EQ(tree.size(), 1u);
}

TEST(SubscriptionTree, leaves_out_the_publisher_where_it_asks_for_it) {  // [MQTT-3.8.3-3]
  SubscriptionTree tree;
  ASSERT_TRUE(tree.add(filter("a"), subscriber(1, {.no_local = true})).ok());
  ASSERT_TRUE(tree.add(filter("+"), subscriber(2, {.no_local = true})).ok());
  EXPECT_EQ(visited(tree, "a", SubscriberId(1)), "2:0[]");
  ASSERT_TRUE(tree.add(filter("+"), subscriber(1)).ok());
  EXPECT_EQ(visited(tree, "a", SubscriberId(1)), "1:0[] 2:0[]");
}

TEST(SubscriptionTree, hides_topics_with_a_dollar_from_leading_wildcards) {  // [MQTT-4.7.2-1]
  SubscriptionTree tree;
  for (const char* text : {"#", "+/x", "+/#"}) {
    ASSERT_TRUE(tree.add(filter(text), subscriber(1)).ok());
  }
  EXPECT_EQ(visited(tree, "$SYS/x"), "");
  ASSERT_TRUE(tree.add(filter("$SYS/+"), subscriber(2)).ok());
  EXPECT_EQ(visited(tree, "$SYS/x"), "2:0[]");
}

TEST(SubscriptionTree, keeps_shared_subscriptions_apart) {  // [MQTT-4.8.2-3] [MQTT-4.8.2-4]
  SubscriptionTree tree;
  ASSERT_TRUE(tree.add(filter("$share/g/a/+"), subscriber(2)).ok());
  ASSERT_TRUE(tree.add(filter("$share/g/a/+"), subscriber(1)).ok());
  ASSERT_TRUE(tree.add(filter("$share/h/a/+"), subscriber(1)).ok());
  ASSERT_TRUE(tree.add(filter("a/+"), subscriber(1)).ok());
  EXPECT_EQ(visited(tree, "a/b"), "1:0[]");
  std::string seen;
  const auto visitor = [&seen](const SharedMatch& match) {
    seen += std::string(match.group) + " " + std::string(match.filter) + " " +
            std::to_string(match.members.size()) + ";";
  };
  tree.visit_shared("a/b", visitor);
  EXPECT_EQ(seen, "g a/+ 2;h a/+ 1;");
  EXPECT_TRUE(tree.remove(filter("$share/g/a/+"), SubscriberId(1)));
  EXPECT_TRUE(tree.remove(filter("$share/g/a/+"), SubscriberId(2)));
  EXPECT_FALSE(tree.remove(filter("$share/g/a/+"), SubscriberId(2)));
  seen.clear();
  tree.visit_shared("a/b", visitor);
  EXPECT_EQ(seen, "h a/+ 1;");
}

TEST(SubscriptionTree, is_bounded_and_gives_its_nodes_back) {
  SubscriptionTree tree({.nodes = 4, .subscriptions = 2});
  EXPECT_TRUE(tree.add(filter("a/b/c/d"), subscriber(1)).error().is(kTooManySubscriptions));
  EXPECT_EQ(tree.nodes(), 1u);
  ASSERT_TRUE(tree.add(filter("a/b"), subscriber(1)).ok());
  ASSERT_TRUE(tree.add(filter("a"), subscriber(1)).ok());
  EXPECT_TRUE(tree.add(filter("a"), subscriber(2)).error().is(kTooManySubscriptions));
  EXPECT_TRUE(tree.add(filter("$share/g/a"), subscriber(2)).error().is(kTooManySubscriptions));
  EXPECT_TRUE(tree.add(filter("x"), subscriber(2)).error().is(kTooManySubscriptions));
  EXPECT_FALSE(*tree.add(filter("a"), subscriber(1)));
  EXPECT_TRUE(tree.remove(filter("a/b"), SubscriberId(1)));
  EXPECT_TRUE(tree.remove(filter("a"), SubscriberId(1)));
  EXPECT_FALSE(tree.remove(filter("a"), SubscriberId(1)));
  EXPECT_EQ(tree.nodes(), 1u);
  EXPECT_EQ(tree.size(), 0u);
}

TEST(SubscriptionTree, stands_a_filter_of_many_levels) {
  std::string deep = "+";
  std::string topic = "a";
  for (int i = 0; i < 20'000; ++i) {
    deep += "/+";
    topic += "/a";
  }
  SubscriptionTree tree;
  ASSERT_TRUE(tree.add({.group = {}, .filter = deep}, subscriber(1)).ok());
  EXPECT_EQ(visited(tree, topic), "1:0[]");
  EXPECT_TRUE(tree.remove({.group = {}, .filter = deep}, SubscriberId(1)));
}

RC_GTEST_PROP(SubscriptionTree, finds_what_matching_one_by_one_finds, ()) {
  const auto level = rc::gen::element<std::string>("a", "b", "", "+", "$x");
  const auto text =
      rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(level)),
                   [](const std::vector<std::string>& levels) {
                     std::string joined;
                     for (std::size_t i = 0; i < levels.size() && i < 5; ++i) {
                       joined += (i == 0 ? "" : "/") + levels[i];
                     }
                     return joined;
                   });
  SubscriptionTree tree;
  std::map<std::pair<std::string, std::uint64_t>, std::uint32_t> model;
  const std::size_t steps = *rc::gen::inRange<std::size_t>(0, 40);
  for (std::size_t step = 0; step < steps; ++step) {
    std::string wanted = *text;
    if (*rc::gen::inRange(0, 3) == 0) wanted = wanted.empty() ? "#" : wanted + "/#";
    if (wanted.empty()) continue;
    const std::uint64_t id = *rc::gen::inRange<std::uint64_t>(1, 5);
    const auto identifier = static_cast<std::uint32_t>(step + 1);
    if (*rc::gen::inRange(0, 4) == 0) {
      RC_ASSERT(tree.remove(filter(wanted), SubscriberId(id)) == (model.erase({wanted, id}) == 1));
    } else {
      RC_ASSERT(*tree.add(filter(wanted), subscriber(id, {.identifier = identifier})) ==
                !model.contains({wanted, id}));
      model[{wanted, id}] = identifier;
    }
  }
  RC_ASSERT(tree.size() == model.size());
  std::string topic = *text;
  std::ranges::replace(topic, '+', 'a');
  if (topic.empty()) topic = "a";
  std::map<std::uint64_t, std::vector<std::uint32_t>> expected;
  for (const auto& [key, identifier] : model) {
    if (matches(key.first, topic)) expected[key.second].push_back(identifier);
  }
  std::map<std::uint64_t, std::vector<std::uint32_t>> seen;
  tree.visit(topic, kNobody, [&seen](const Match& match) {
    const bool ascends = seen.empty() || seen.rbegin()->first < match.subscriber.value();
    RC_ASSERT(ascends);
    seen[match.subscriber.value()].assign(match.identifiers.begin(), match.identifiers.end());
  });
  for (auto& [id, identifiers] : expected) std::ranges::sort(identifiers);
  RC_ASSERT(seen == expected);
}

}  // namespace
}  // namespace keel::mqtt
