// Random lives of devices beside a model of a few lines that shares nothing with the module.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>

#include "modules/devices/model/json_model.hpp"
#include "modules/devices/testing/devices_kit.hpp"

namespace keel::devices {
namespace {

using testing::Json;

constexpr std::uint32_t kKept = 5;

struct ModelDevice {
  Json desired = testing::empty_object();
  Json reported = testing::empty_object();
  std::uint64_t desired_version = 0;
  std::uint64_t reported_version = 0;
  std::uint64_t published = 0;
  std::deque<std::pair<std::uint64_t, std::string>> kept;
  bool coalesce = false;
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : kit_({.kept_changes = kKept, .kept_bytes = 1 << 20}, 8), random_(seed) {}

  void live() {
    for (int step = 0; step < 120; ++step) one_step();
    check();
    kit_.harness.check_replay();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string some_device() { return std::string("d") + static_cast<char>('0' + below(4)); }

  void one_step() {
    const std::string device = some_device();
    const auto known = model_.find(device);
    switch (below(8)) {
      case 0:
        add(device);
        break;
      case 1:
        if (below(3) == 0) remove(device);
        break;
      case 2:
        take(device);
        break;
      case 3:
        publish(device);
        break;
      case 4:
        if (known != model_.end()) check_one(device, known->second);
        break;
      default:
        update(device);
    }
  }

  void add(const std::string& device) {
    const bool coalesce = below(4) == 0;
    RC_ASSERT(kit_.outcome_of(RegisterDevice{.device = device, .coalesce = coalesce}) ==
              OutcomeCode::done);
    ModelDevice& of = model_[device];
    of.coalesce = coalesce;
    if (coalesce) of.kept.clear();
  }
  void remove(const std::string& device) {
    const OutcomeCode outcome = kit_.outcome_of(RemoveDevice{.device = device});
    RC_ASSERT((outcome == OutcomeCode::done) == (model_.erase(device) == 1));
  }
  void take(const std::string& device) {
    const auto known = model_.find(device);
    TakeChanges command{.device = device, .up_to = below(8)};
    if (known != model_.end() && below(2) == 0) command.up_to = known->second.desired_version;
    if (below(4) == 0) command.coalesce = below(2) == 0;
    kit_.outcome_of(command);
    if (known == model_.end()) return;
    ModelDevice& of = known->second;
    of.coalesce = command.coalesce.value_or(of.coalesce);
    while (!of.kept.empty() && (of.coalesce || of.kept.front().first <= command.up_to)) {
      of.kept.pop_front();
    }
  }
  void publish(const std::string& device) {
    const std::uint64_t version = below(10);
    kit_.outcome_of(PublishTwins{.devices = {{device, version}}});
    const auto known = model_.find(device);
    if (known == model_.end()) return;
    ModelDevice& of = known->second;
    of.published = std::max(of.published, std::min(version, of.desired_version));
  }
  void update(const std::string& device) {
    const bool is_desired = below(2) == 0;
    const bool is_cleared = below(10) == 0;
    const auto draw = [this](std::uint64_t bound) { return below(bound); };
    const Json patch = testing::random_json(draw, true);
    const std::string text = is_cleared ? "null" : testing::write(patch);
    UpdateTwin command{.device = device,
                       .part = is_desired ? TwinPart::desired : TwinPart::reported,
                       .patch = text};
    if (below(3) == 0) command.expected_version = below(4);
    const OutcomeCode outcome = kit_.outcome_of(command);
    const auto known = model_.find(device);
    if (known == model_.end()) {
      RC_ASSERT(outcome == OutcomeCode::device_unknown);
      return;
    }
    ModelDevice& of = known->second;
    std::uint64_t& version = is_desired ? of.desired_version : of.reported_version;
    if (command.expected_version && *command.expected_version != version) {
      RC_ASSERT(outcome == OutcomeCode::version_conflict);
      return;
    }
    if (is_desired && !of.coalesce && of.kept.size() == kKept) {
      RC_ASSERT(outcome == OutcomeCode::changes_full);
      return;
    }
    RC_ASSERT(outcome == OutcomeCode::done);
    ++version;
    Json& part = is_desired ? of.desired : of.reported;
    part = is_cleared ? testing::empty_object() : testing::merge_patch(part, patch);
    if (is_desired && !of.coalesce) of.kept.emplace_back(version, text);
  }

  void check_one(const std::string& device, const ModelDevice& of) {
    const GetTwin::Answer twin = kit_.twin(device);
    RC_ASSERT(twin.found);
    RC_ASSERT(twin.desired == testing::write(of.desired));
    RC_ASSERT(twin.reported == testing::write(of.reported));
    RC_ASSERT(twin.desired_version == of.desired_version);
    RC_ASSERT(twin.reported_version == of.reported_version);
    std::deque<std::pair<std::uint64_t, std::string>> kept;
    const std::uint32_t limit = 1 + static_cast<std::uint32_t>(below(3));
    std::uint64_t after = 0;
    for (bool more = true; more;) {
      const auto page = kit_.ask(ListChanges{.device = device, .after = after, .limit = limit});
      for (const Change& change : page.changes) {
        kept.emplace_back(change.version, change.patch);
        after = change.version;
      }
      more = page.more;
    }
    RC_ASSERT(kept == of.kept);
    RC_ASSERT(kit_.view(device).kept_changes == of.kept.size());
  }

  void check() {
    std::vector<std::string> names;
    std::vector<std::string> unpublished;
    for (const auto& [device, of] : model_) {
      names.push_back(device);
      if (of.published < of.desired_version) unpublished.push_back(device);
      check_one(device, of);
    }
    RC_ASSERT(kit_.list({.limit = 3}) == names);
    std::vector<std::string> found;
    for (const auto& each : kit_.ask(ListUnpublished{}).devices) found.push_back(each.device);
    RC_ASSERT(found == unpublished);
  }

  testing::DevicesKit kit_;
  std::mt19937_64 random_;
  std::map<std::string, ModelDevice> model_;
};

RC_GTEST_PROP(DevicesModel, keeps_twins_and_changes_as_the_model_does, ()) {
  World world(*rc::gen::arbitrary<std::uint64_t>());
  world.live();
}

}  // namespace
}  // namespace keel::devices
