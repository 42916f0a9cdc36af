#include "runtime/conformance/conformance.hpp"
#include "runtime/uring/uring_world.hpp"

namespace keel::runtime {
namespace {

class Uring : public testing::TestWithParam<conformance::Scenario> {};

TEST_P(Uring, keeps_the_contract_of_the_ports) {
  const conformance::ScratchDirectory directory;
  conformance::run(GetParam(), make_uring_world, directory.path());
}

INSTANTIATE_TEST_SUITE_P(Ports, Uring, testing::ValuesIn(conformance::scenarios()),
                         conformance::name_of);

// The same contract where cores rest whenever it seems to pay.
class RestingUring : public testing::TestWithParam<conformance::Scenario> {};

TEST_P(RestingUring, keeps_the_contract_of_the_ports) {
  const conformance::ScratchDirectory directory;
  conformance::Scenario resting = GetParam();
  resting.options.gather_rest = Duration::microseconds(300);
  conformance::run(resting, make_uring_world, directory.path());
}

INSTANTIATE_TEST_SUITE_P(Ports, RestingUring, testing::ValuesIn(conformance::scenarios()),
                         conformance::name_of);

}  // namespace
}  // namespace keel::runtime
