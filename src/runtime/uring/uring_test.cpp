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

}  // namespace
}  // namespace keel::runtime
