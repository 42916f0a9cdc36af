// Twins: what a device should be, what it says that it is, and the changes that are kept for it.
#include "modules/devices/errors.hpp"
#include "modules/devices/testing/devices_kit.hpp"

namespace keel::devices {
namespace {

struct Twins : ::testing::Test {
  void SetUp() override { kit.add("lamp"); }
  std::vector<std::string> kept(TwinVersion after = 0) const {
    std::vector<std::string> patches;
    for (const Change& change : kit.ask(ListChanges{.device = "lamp", .after = after}).changes) {
      patches.push_back(std::to_string(change.version) + ":" + change.patch);
    }
    return patches;
  }
  using Kept = std::vector<std::string>;

  testing::DevicesKit kit;
};

TEST_F(Twins, say_what_is_wanted_what_is_and_what_differs) {
  EXPECT_EQ(kit.twin("lamp").desired, "{}");
  EXPECT_EQ(kit.desire("lamp", R"({"on":true,"colour":{"r":1,"g":2}})"), OutcomeCode::done);
  EXPECT_EQ(kit.report("lamp", R"({"on":false,"colour":{"r":1},"heat":40})"), OutcomeCode::done);
  const GetTwin::Answer twin = kit.twin("lamp");
  EXPECT_EQ(twin.desired, R"({"colour":{"g":2,"r":1},"on":true})");
  EXPECT_EQ(twin.reported, R"({"colour":{"r":1},"heat":40,"on":false})");
  EXPECT_EQ(twin.delta, R"({"colour":{"g":2},"on":true})");
  EXPECT_EQ(twin.desired_version, 1u);
  EXPECT_EQ(twin.reported_version, 1u);
  EXPECT_TRUE(twin.desired_times.starts_with(R"({"$version":1,"$updated":")"));
  EXPECT_EQ(kit.report("lamp", R"({"on":true,"colour":{"g":2.0}})"), OutcomeCode::done);
  EXPECT_EQ(kit.twin("lamp").delta, "{}");
  EXPECT_FALSE(kit.twin("nobody").found);
}

TEST_F(Twins, change_only_from_the_version_that_was_expected) {
  const UpdateTwin update{.device = "lamp", .patch = R"({"a":1})", .expected_version = 0};
  EXPECT_EQ(kit.answer_of(update).desired_version, 1u);
  EXPECT_EQ(kit.outcome_of(update), OutcomeCode::version_conflict);
  // Each part has its own.
  EXPECT_EQ(kit.answer_of(UpdateTwin{.device = "lamp",
                                     .part = TwinPart::reported,
                                     .patch = R"({"a":1})",
                                     .expected_version = 0})
                .reported_version,
            1u);
}

TEST_F(Twins, keep_every_change_until_the_device_takes_it) {
  kit.desire("lamp", R"({"a":1})");
  kit.desire("lamp", R"({"a":2})");
  kit.desire("lamp", R"( { "b" : null } )");
  kit.desire("lamp", "null");
  EXPECT_EQ(kept(), (Kept{R"(1:{"a":1})", R"(2:{"a":2})", R"(3:{"b":null})", "4:null"}));
  EXPECT_EQ(kept(2), (Kept{R"(3:{"b":null})", "4:null"}));
  EXPECT_EQ(kit.twin("lamp").desired, "{}");
  EXPECT_EQ(kit.view("lamp").kept_changes, 4u);
  EXPECT_EQ(kit.outcome_of(TakeChanges{.device = "lamp", .up_to = 2}), OutcomeCode::done);
  EXPECT_EQ(kept(), (Kept{R"(3:{"b":null})", "4:null"}));
  EXPECT_EQ(kit.ask(ListChanges{.device = "lamp"}).kept_from, 2u);
  // No further than there is, and not backwards.
  kit.outcome_of(TakeChanges{.device = "lamp", .up_to = 1});
  kit.outcome_of(TakeChanges{.device = "lamp", .up_to = 99});
  EXPECT_TRUE(kept().empty());
  kit.desire("lamp", R"({"a":3})");
  EXPECT_EQ(kept(), Kept{R"(5:{"a":3})"});
}

TEST_F(Twins, keep_none_for_a_device_that_asks_for_that) {
  kit.desire("lamp", R"({"a":1})");
  EXPECT_EQ(kit.outcome_of(TakeChanges{.device = "lamp", .coalesce = true}), OutcomeCode::done);
  EXPECT_TRUE(kept().empty());
  kit.desire("lamp", R"({"a":2})");
  EXPECT_TRUE(kept().empty());
  EXPECT_EQ(kit.twin("lamp").delta, R"({"a":2})");
  kit.outcome_of(TakeChanges{.device = "lamp", .coalesce = false});
  kit.desire("lamp", R"({"a":3})");
  EXPECT_EQ(kept(), Kept{R"(3:{"a":3})"});
  kit.answer_of(RegisterDevice{.device = "lamp", .coalesce = true});
  EXPECT_TRUE(kept().empty());
}

TEST_F(Twins, refuse_a_change_that_cannot_be_kept) {
  testing::DevicesKit small({.kept_changes = 2, .kept_bytes = 40});
  small.add("a");
  EXPECT_EQ(small.desire("a", R"({"a":1})"), OutcomeCode::done);
  EXPECT_EQ(small.desire("a", R"({"a":"000000000000000000000000000"})"), OutcomeCode::changes_full);
  EXPECT_EQ(small.desire("a", R"({"a":2})"), OutcomeCode::done);
  EXPECT_EQ(small.desire("a", R"({"a":3})"), OutcomeCode::changes_full);
  EXPECT_EQ(small.report("a", R"({"a":3})"), OutcomeCode::done);
  small.outcome_of(TakeChanges{.device = "a", .up_to = 1});
  EXPECT_EQ(small.desire("a", R"({"a":3})"), OutcomeCode::done);
}

TEST_F(Twins, refuse_what_is_no_patch_or_makes_too_large_a_document) {
  const auto sent = [&](std::string_view patch) {
    return kit.send(UpdateTwin{.device = "lamp", .patch = std::string(patch)});
  };
  EXPECT_TRUE(sent("").is(kBadDocument));
  EXPECT_TRUE(sent("[]").is(kBadDocument));
  EXPECT_TRUE(sent(R"({"$version":1})").is(kBadDocument));
  EXPECT_TRUE(sent(R"({"a":")" + std::string(kMaxPatch, 'x') + R"("})").is(kTooLarge));
  testing::DevicesKit small({.twin = {.bytes = 30, .keys = 3}});
  small.add("a");
  small.desire("a", R"({"a":"0123456789"})");
  EXPECT_TRUE(
      small.send(UpdateTwin{.device = "a", .patch = R"({"b":"0123456789"})"}).is(kTooLarge));
  EXPECT_EQ(small.desire("a", R"({"a":null,"b":"0123456789"})"), OutcomeCode::done);
  small.desire("a", R"({"c":1,"d":1})");
  EXPECT_TRUE(small.send(UpdateTwin{.device = "a", .patch = R"({"e":1})"}).is(kTooLarge));
}

TEST_F(Twins, of_a_blocked_device_do_not_change) {
  kit.answer_of(RegisterDevice{.device = "lamp", .blocked = true});
  EXPECT_EQ(kit.desire("lamp", "{}"), OutcomeCode::device_blocked);
  EXPECT_EQ(kit.desire("nobody", "{}"), OutcomeCode::device_unknown);
}

TEST_F(Twins, are_listed_until_they_have_been_handed_out) {
  kit.add("fan");
  kit.desire("lamp", R"({"a":1})");
  kit.desire("lamp", R"({"a":2})");
  kit.desire("fan", R"({"a":1})");
  kit.report("fan", R"({"a":1})");
  ListUnpublished::Answer all = kit.ask(ListUnpublished{.limit = 1});
  ASSERT_EQ(all.devices.size(), 1u);
  EXPECT_EQ(all.devices[0].device, "fan");
  EXPECT_EQ(all.next, "fan");
  kit.outcome_of(PublishTwins{.devices = {{"lamp", 1}, {"fan", 9}, {"nobody", 1}}});
  all = kit.ask(ListUnpublished{});
  ASSERT_EQ(all.devices.size(), 1u);
  EXPECT_EQ(all.devices[0].device, "lamp");
  EXPECT_EQ(all.devices[0].version, 1u);
  kit.outcome_of(PublishTwins{.devices = {{"lamp", 2}}});
  EXPECT_TRUE(kit.ask(ListUnpublished{}).devices.empty());
}

}  // namespace
}  // namespace keel::devices
