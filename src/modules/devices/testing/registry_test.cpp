// Devices, what they are found by, how they prove who they are, and whether they are there.
#include "modules/devices/errors.hpp"
#include "modules/devices/testing/devices_kit.hpp"

namespace keel::devices {
namespace {

using Ids = std::vector<std::string>;

struct DeviceRegistry : ::testing::Test {
  testing::DevicesKit kit;
};

TEST_F(DeviceRegistry, keeps_what_it_is_told_of_a_device) {
  const RegisterDevice lamp{.device = "lamp-1",
                            .name = "The lamp at the gate",
                            .model = "L2",
                            .serial_number = "00-17",
                            .groups = {"north", "lamps"},
                            .tags = {{"site", "gate"}, {"owner", "city"}}};
  EXPECT_EQ(kit.answer_of(lamp).revision, 1u);
  const DeviceView view = kit.view("lamp-1");
  EXPECT_EQ(view.name, lamp.name);
  EXPECT_EQ(view.model, "L2");
  EXPECT_EQ(view.serial_number, "00-17");
  EXPECT_EQ(view.groups, (Ids{"lamps", "north"}));
  EXPECT_EQ(view.tags, (std::vector<Tag>{{"owner", "city"}, {"site", "gate"}}));
  EXPECT_FALSE(view.blocked || view.connected || view.has_password || view.has_token);
  EXPECT_EQ(view.created_at, view.changed_at);
  EXPECT_EQ(kit.answer_of(RegisterDevice{.device = "lamp-1"}).revision, 2u);
  EXPECT_TRUE(kit.view("lamp-1").tags.empty());
  EXPECT_LT(kit.view("lamp-1").created_at, kit.view("lamp-1").changed_at);
}

TEST_F(DeviceRegistry, changes_a_device_only_from_the_revision_that_was_expected) {
  const RegisterDevice create{.device = "a", .expected_revision = 0};
  EXPECT_EQ(kit.outcome_of(create), OutcomeCode::done);
  EXPECT_EQ(kit.outcome_of(create), OutcomeCode::version_conflict);
  EXPECT_EQ(kit.outcome_of(RegisterDevice{.device = "a", .expected_revision = 1}),
            OutcomeCode::done);
  EXPECT_EQ(kit.outcome_of(RegisterDevice{.device = "a", .expected_revision = 1}),
            OutcomeCode::version_conflict);
}

TEST_F(DeviceRegistry, finds_devices_by_group_and_tag_in_pages) {
  for (int number = 0; number < 30; ++number) {
    RegisterDevice device{.device = "d" + std::to_string(100 + number)};
    if (number % 2 == 0) device.groups = {"even"};
    if (number % 3 == 0) device.tags = {{"by", "three"}};
    kit.answer_of(device);
  }
  EXPECT_EQ(kit.list({.limit = 7}).size(), 30u);
  const Ids even = kit.list({.group = "even", .limit = 4});
  EXPECT_EQ(even.size(), 15u);
  EXPECT_TRUE(std::ranges::is_sorted(even));
  EXPECT_EQ(kit.list({.tag = Tag{"by", "three"}, .limit = 3}).size(), 10u);
  EXPECT_EQ(kit.list({.group = "even", .tag = Tag{"by", "three"}, .limit = 1}),
            (Ids{"d100", "d106", "d112", "d118", "d124"}));
  EXPECT_TRUE(kit.list({.tag = Tag{"by", "two"}}).empty());
  EXPECT_TRUE(kit.list({.group = "by"}).empty());
  kit.answer_of(RegisterDevice{.device = "d100", .tags = {{"by", "two"}}});
  EXPECT_EQ(kit.list({.group = "even"}).size(), 14u);
  EXPECT_EQ(kit.list({.tag = Tag{"by", "two"}}), Ids{"d100"});
}

TEST_F(DeviceRegistry, is_each_tenant_s_own) {
  kit.add("a");
  kit.harness.set_tenant(TenantId(2));
  EXPECT_TRUE(kit.list({}).empty());
  EXPECT_EQ(kit.desire("a", "{}"), OutcomeCode::device_unknown);
  kit.add("b");
  EXPECT_EQ(kit.list({}), Ids{"b"});
  kit.harness.set_tenant(TenantId(1));
  EXPECT_EQ(kit.list({}), Ids{"a"});
}

TEST_F(DeviceRegistry, changes_the_credentials_that_are_given_and_no_others) {
  kit.add("a");
  Digest token{};
  token.fill(std::byte{7});
  const std::string hash = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA";
  kit.outcome_of(SetCredentials{.device = "a", .password_hash = hash, .token = token});
  kit.outcome_of(SetCredentials{.device = "a", .certificate = "cn:a"});
  const GetCredentials::Answer all = kit.ask(GetCredentials{.device = "a"});
  EXPECT_TRUE(all.found);
  EXPECT_EQ(all.password_hash, hash);
  EXPECT_EQ(all.token, token);
  EXPECT_EQ(all.certificate, "cn:a");
  kit.outcome_of(SetCredentials{.device = "a", .password_hash = "", .token = Digest{}});
  const GetCredentials::Answer left = kit.ask(GetCredentials{.device = "a"});
  EXPECT_EQ(left.password_hash, "");
  EXPECT_EQ(left.token, Digest{});
  EXPECT_EQ(left.certificate, "cn:a");
  EXPECT_FALSE(kit.ask(GetCredentials{.device = "b"}).found);
  EXPECT_EQ(kit.outcome_of(SetCredentials{.device = "b"}), OutcomeCode::device_unknown);
  EXPECT_TRUE(kit.send(SetCredentials{.device = "a", .password_hash = "secret"}).is(kBadRequest));
}

TEST_F(DeviceRegistry, forgets_all_of_a_device_that_is_removed) {
  kit.answer_of(RegisterDevice{.device = "a", .groups = {"g"}, .tags = {{"t", "v"}}});
  kit.outcome_of(SetCredentials{.device = "a", .certificate = "cn:a"});
  kit.desire("a", R"({"x":1})");
  kit.report("a", R"({"x":1})");
  EXPECT_EQ(kit.outcome_of(RemoveDevice{.device = "a"}), OutcomeCode::done);
  EXPECT_EQ(kit.outcome_of(RemoveDevice{.device = "a"}), OutcomeCode::device_unknown);
  EXPECT_TRUE(kit.list({}).empty());
  EXPECT_TRUE(kit.list({.group = "g"}).empty());
  EXPECT_TRUE(kit.ask(ListUnpublished{}).devices.empty());
  kit.add("a");
  EXPECT_EQ(kit.twin("a").desired, "{}");
  EXPECT_EQ(kit.twin("a").desired_version, 0u);
  EXPECT_EQ(kit.ask(GetCredentials{.device = "a"}).certificate, "");
}

TEST_F(DeviceRegistry, refuses_what_no_device_may_be_called) {
  for (const std::string_view id : {"", "a/b", "a+", "#", "a b", "$a", "\xc3\xa4"}) {
    EXPECT_TRUE(kit.send(RegisterDevice{.device = std::string(id)}).is(kBadRequest)) << id;
  }
  EXPECT_TRUE(kit.send(RegisterDevice{.device = std::string(65, 'a')}).is(kBadRequest));
  EXPECT_TRUE(kit.send(RegisterDevice{.device = "a", .groups = {"g", "g"}}).is(kBadRequest));
  EXPECT_TRUE(
      kit.send(RegisterDevice{.device = "a", .tags = {{"t", "1"}, {"t", "2"}}}).is(kBadRequest));
  EXPECT_TRUE(kit.send(RegisterDevice{.device = "a", .groups = {""}}).is(kBadRequest));
}

TEST_F(DeviceRegistry, is_bounded) {
  testing::DevicesKit small({.max_devices = 2, .max_labels = 3});
  small.add("a");
  small.answer_of(RegisterDevice{.device = "b", .groups = {"1", "2"}});
  EXPECT_TRUE(small.send(RegisterDevice{.device = "c"}).is(kTooMany));
  EXPECT_TRUE(small.send(RegisterDevice{.device = "a", .groups = {"3", "4"}}).is(kTooMany));
  small.answer_of(RegisterDevice{.device = "a", .groups = {"3"}});
}

TEST_F(DeviceRegistry, records_when_a_device_was_seen) {
  kit.add("a");
  kit.add("b");
  const Timestamp then = kit.harness.now();
  kit.harness.advance(Duration::seconds(60));
  kit.outcome_of(SeeDevices{.devices = {{"a", then, true}, {"nobody", then, true}}});
  EXPECT_EQ(kit.view("a").seen_at, then);
  EXPECT_TRUE(kit.view("a").connected);
  EXPECT_EQ(kit.list({.connected = true}), Ids{"a"});
  // What is older changes nothing, what is from the future is of now.
  kit.outcome_of(SeeDevices{.devices = {{"a", then - Duration::seconds(1), false}}});
  EXPECT_TRUE(kit.view("a").connected);
  const Timestamp now = kit.harness.now();
  kit.outcome_of(SeeDevices{.devices = {{"a", Timestamp::never(), false}}});
  EXPECT_EQ(kit.view("a").seen_at, now);
  EXPECT_FALSE(kit.view("a").connected);
  EXPECT_TRUE(kit.send(SeeDevices{}).is(kBadRequest));
}

}  // namespace
}  // namespace keel::devices
