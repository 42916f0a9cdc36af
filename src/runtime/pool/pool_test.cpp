#include "runtime/conformance/conformance.hpp"
#include "runtime/pool/pool_world.hpp"

namespace keel::runtime {
namespace {

class Pool : public testing::TestWithParam<conformance::Scenario> {};

TEST_P(Pool, keeps_the_contract_of_the_ports) {
  const conformance::ScratchDirectory directory;
  conformance::run(GetParam(), make_pool_world, directory.path());
}

INSTANTIATE_TEST_SUITE_P(Ports, Pool, testing::ValuesIn(conformance::scenarios()),
                         conformance::name_of);

}  // namespace
}  // namespace keel::runtime
