// Devices in a test cell. For tests only.
#pragma once

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "kernel/testing/module_harness.hpp"
#include "modules/devices/devices.hpp"
#include "modules/devices/queries.hpp"

namespace keel::devices::testing {

using kernel::testing::Decided;

class DevicesKit {
 public:
  explicit DevicesKit(const DevicesOptions& options = {}, std::size_t check_every = 1);

  template <typename C>
  Decided send(const C& command) {
    Bytes payload;
    encode(command, payload);
    return harness.when(C::kType, payload);
  }
  template <typename C>
  OutcomeCode outcome_of(const C& command) {
    const Decided decided = send(command);
    EXPECT_FALSE(decided.error) << decided.error->to_string();
    return OutcomeCode{decided.outcome.code};
  }
  template <typename C>
  typename C::Answer answer_of(const C& command) {
    const Decided decided = send(command);
    EXPECT_FALSE(decided.error) << decided.error->to_string();
    EXPECT_EQ(decided.outcome.code, 0);
    return decode<typename C::Answer>(decided.reply).value();
  }
  template <typename Q>
  typename Q::Answer ask(const Q& query) const {
    Bytes payload;
    encode(query, payload);
    return decode<typename Q::Answer>(harness.query(Q::kType, payload).value()).value();
  }

  void add(std::string_view device);
  OutcomeCode desire(std::string_view device, std::string_view patch);
  OutcomeCode report(std::string_view device, std::string_view patch);
  GetTwin::Answer twin(std::string_view device) const;
  DeviceView view(std::string_view device) const;
  // The ids that a list has, page by page.
  std::vector<std::string> list(ListDevices query) const;

  kernel::testing::ModuleHarness harness;
};

}  // namespace keel::devices::testing
