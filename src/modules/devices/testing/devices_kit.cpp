#include "modules/devices/testing/devices_kit.hpp"

namespace keel::devices::testing {

DevicesKit::DevicesKit(const DevicesOptions& options, std::size_t check_every)
    : harness(
          [options](kernel::UndoLog& undo, kernel::HashSeed seed) {
            kernel::testing::Modules modules;
            modules.push_back(std::make_unique<Devices>(undo, seed, options));
            return modules;
          },
          {.check_every = check_every}) {}

void DevicesKit::add(std::string_view device) {
  ASSERT_EQ(outcome_of(RegisterDevice{.device = std::string(device)}), OutcomeCode::done);
}

OutcomeCode DevicesKit::desire(std::string_view device, std::string_view patch) {
  return outcome_of(UpdateTwin{
      .device = std::string(device), .part = TwinPart::desired, .patch = std::string(patch)});
}

OutcomeCode DevicesKit::report(std::string_view device, std::string_view patch) {
  return outcome_of(UpdateTwin{
      .device = std::string(device), .part = TwinPart::reported, .patch = std::string(patch)});
}

GetTwin::Answer DevicesKit::twin(std::string_view device) const {
  return ask(GetTwin{.device = std::string(device)});
}

DeviceView DevicesKit::view(std::string_view device) const {
  const ListDevices::Answer found = ask(ListDevices{.only = std::string(device)});
  EXPECT_EQ(found.devices.size(), 1u) << device;
  return found.devices.empty() ? DeviceView{} : found.devices.front();
}

std::vector<std::string> DevicesKit::list(ListDevices query) const {
  std::vector<std::string> all;
  do {
    const ListDevices::Answer page = ask(query);
    for (const DeviceView& device : page.devices) all.push_back(device.device);
    query.after = page.next;
  } while (!query.after.empty());
  return all;
}

}  // namespace keel::devices::testing
