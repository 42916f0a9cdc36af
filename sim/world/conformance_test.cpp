// The simulated world keeps the contract of the ports like the real ones: the same scenarios, on
// one machine whose disk and network have their usual latencies and split what they deliver.
#include "runtime/conformance/conformance.hpp"
#include "sim/world/world.hpp"

namespace keel::sim {
namespace {

// A machine behind the interface of the real worlds.
class OneMachine final : public runtime::World {
 public:
  OneMachine(std::uint64_t seed, std::uint32_t cores)
      : world_({.seed = seed, .disk = {}, .network = {}}),
        machine_(world_.add_machine("127.0.0.1", cores)) {
    for (std::uint32_t i = 0; i < cores; ++i) {
      scopes_.push_back(std::make_unique<runtime::Scope>(machine_.core(i)));
    }
  }

  std::uint32_t core_count() const noexcept override {
    return static_cast<std::uint32_t>(scopes_.size());
  }
  runtime::Core& core(std::uint32_t index) noexcept override { return machine_.core(index); }
  void stop() noexcept override {
    stopped_ = true;
    for (const auto& scope : scopes_) scope->cancel();
  }
  void join() override {
    EXPECT_TRUE(world_.run_until_true([this] { return stopped_ && at_rest(); }));
    for (const auto& scope : scopes_) scope->settle();
  }

 protected:
  void start(std::uint32_t core_index, std::unique_ptr<Root> root) override {
    root->spawn_in(*scopes_.at(core_index));
  }

 private:
  bool at_rest() const {
    return std::ranges::all_of(scopes_, [](const auto& scope) { return scope->running() == 0; });
  }

  sim::World world_;
  Machine& machine_;
  std::vector<std::unique_ptr<runtime::Scope>> scopes_;
  bool stopped_ = false;
};

class Simulated : public testing::TestWithParam<runtime::conformance::Scenario> {};

TEST_P(Simulated, keeps_the_contract_of_the_ports) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    runtime::conformance::run(
        GetParam(),
        [seed](const runtime::WorldOptions& options) -> Result<std::unique_ptr<runtime::World>> {
          return std::make_unique<OneMachine>(seed, options.cores);
        },
        "keel_data");
  }
}

std::vector<runtime::conformance::Scenario> simulated_scenarios() {
  std::vector<runtime::conformance::Scenario> all = runtime::conformance::scenarios();
  std::erase_if(all, [](const auto& scenario) { return scenario.real_only; });
  return all;
}

INSTANTIATE_TEST_SUITE_P(Ports, Simulated, testing::ValuesIn(simulated_scenarios()),
                         runtime::conformance::name_of);

}  // namespace
}  // namespace keel::sim
