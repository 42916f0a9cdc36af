#include "modules/devices/twin/merge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "modules/devices/model/json_model.hpp"
#include "modules/devices/twin/json_text.hpp"
#include "modules/devices/twin/read_json.hpp"
#include "modules/devices/twin/stored.hpp"

namespace keel::devices {
namespace {

using testing::Json;

constexpr Timestamp kThen{1'000};
constexpr Timestamp kNow{2'000};

Node read(std::string_view json) {
  return read_document(json).value();
}

std::string merged(std::string_view target, std::string_view patch) {
  Node node = read(target);
  merge(node, read(patch), kNow);
  return json_of(node);
}

std::string delta(std::string_view desired, std::string_view reported) {
  return json_of(delta_of(read(desired), read(reported)));
}

// RFC 7396, appendix A: those whose target and patch are objects.
TEST(MergePatch, does_what_the_examples_of_the_rfc_say) {
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"b":"c"})"), R"({"a":"b","b":"c"})");
  EXPECT_EQ(merged(R"({"a":"b"})", R"({"a":null})"), "{}");
  EXPECT_EQ(merged(R"({"a":"b","b":"c"})", R"({"a":null})"), R"({"b":"c"})");
  EXPECT_EQ(merged(R"({"a":["b"]})", R"({"a":"c"})"), R"({"a":"c"})");
  EXPECT_EQ(merged(R"({"a":"c"})", R"({"a":["b"]})"), R"({"a":["b"]})");
  EXPECT_EQ(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(merged(R"({"e":null})", R"({"a":1})"), R"({"a":1,"e":null})");
  EXPECT_EQ(merged("{}", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

TEST(MergePatch, says_at_every_level_when_it_was_last_set) {
  Node node;
  merge(node, read(R"({"lamp":{"on":true,"colour":"red"},"fan":1})"), kThen);
  merge(node, read(R"({"lamp":{"on":false}})"), kNow);
  EXPECT_EQ(node.set_at, kNow);
  EXPECT_EQ(node.find("lamp")->set_at, kNow);
  EXPECT_EQ(node.find("lamp")->find("on")->set_at, kNow);
  EXPECT_EQ(node.find("lamp")->find("colour")->set_at, kThen);
  EXPECT_EQ(node.find("fan")->set_at, kThen);
  std::string times;
  append_times(times, node, 2);
  EXPECT_EQ(times, R"({"$version":2,"$updated":"1970-01-01T00:00:00.000002000Z",)"
                   R"("fan":{"$updated":"1970-01-01T00:00:00.000001000Z"},)"
                   R"("lamp":{"$updated":"1970-01-01T00:00:00.000002000Z",)"
                   R"("colour":{"$updated":"1970-01-01T00:00:00.000001000Z"},)"
                   R"("on":{"$updated":"1970-01-01T00:00:00.000002000Z"}}})");
}

TEST(Delta, is_what_is_wanted_and_not_so) {
  EXPECT_EQ(delta(R"({"a":1,"b":{"c":2,"d":3}})", R"({"a":1,"b":{"c":5,"d":3},"x":9})"),
            R"({"b":{"c":2}})");
  EXPECT_EQ(delta(R"({"a":{}})", "{}"), R"({"a":{}})");
  EXPECT_EQ(delta(R"({"a":{}})", R"({"a":{"b":1}})"), "{}");
  EXPECT_EQ(delta(R"({"a":1})", R"({"a":{"b":1}})"), R"({"a":1})");
}

TEST(Delta, knows_a_number_by_its_value) {
  for (const auto& [left, right] : {std::pair("1", "1.0"),
                                    {"10e-1", "1"},
                                    {"100", "1E2"},
                                    {"-0", "0.00"},
                                    {"1.50", "15e-1"},
                                    {"[1,[2.0,\"x,]\"]]", "[1.0,[2,\"x,]\"]]"}}) {
    EXPECT_EQ(delta(R"({"a":)" + std::string(left) + "}", R"({"a":)" + std::string(right) + "}"),
              "{}")
        << left << " and " << right;
  }
  for (const auto& [left, right] : {std::pair("1", "10"),
                                    {"1", "-1"},
                                    {"0.1", "0.10000000000000001"},
                                    {"[1,2]", "[2,1]"},
                                    {"9007199254740993", "9007199254740992"},
                                    {"[]", "[null]"},
                                    {"\"1\"", "1"}}) {
    EXPECT_NE(delta(R"({"a":)" + std::string(left) + "}", R"({"a":)" + std::string(right) + "}"),
              "{}")
        << left << " and " << right;
  }
}

RC_GTEST_PROP(TwinModel, merges_as_the_pseudo_code_of_the_rfc, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  testing::TwinPartModel model;
  Node node;
  for (std::int64_t step = 1; step < 8; ++step) {
    const Json patch = testing::random_json(below, true);
    model.change(patch, Timestamp{step});
    merge(node, read(testing::write(patch)), Timestamp{step});
    RC_ASSERT(json_of(node) == testing::write(model.document));
    RC_ASSERT(size_of(node).bytes == json_of(node).size());
    const Node back = from_stored_form(stored_form(node));
    RC_ASSERT(json_of(back) == json_of(node));
    std::string times;
    append_times(times, back, model.version);
    RC_ASSERT(times == model.metadata());
  }
}

// A delta, given to the device and reported by it, leaves none; and it has nothing that was so.
RC_GTEST_PROP(TwinModel, finds_just_what_is_not_so, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  const auto clean = [&below] {
    return testing::merge_patch(testing::empty_object(), testing::random_json(below, true));
  };
  const Json desired = clean();
  const Json reported = clean();
  const Node found = delta_of(read(testing::write(desired)), read(testing::write(reported)));
  RC_ASSERT(json_of(found) == testing::write(testing::delta(desired, reported)));

  Node after = read(testing::write(reported));
  merge(after, found, kNow);
  RC_ASSERT(json_of(delta_of(read(testing::write(desired)), after)) == "{}");
}

}  // namespace
}  // namespace keel::devices
