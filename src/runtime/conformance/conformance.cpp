#include "runtime/conformance/conformance.hpp"

#include <cstdlib>
#include <filesystem>

#include "runtime/conformance/scenario_lists.hpp"

namespace keel::runtime::conformance {
namespace {

Task<> run_and_stop(Core& core, Cancellation& stop, Scenario::Run* scenario, Ground ground) {
  World* world = ground.world;
  co_await scenario(core, stop, std::move(ground));
  world->stop();
}

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  for (auto* list : {file_scenarios, stream_scenarios, limit_scenarios, scheduling_scenarios,
                     operating_system_scenarios}) {
    const std::vector<Scenario> some = list();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

void run(const Scenario& scenario, const MakeWorld& make_world, const std::string& directory) {
  Result<std::unique_ptr<World>> world = make_world(scenario.options);
  ASSERT_TRUE(world.ok()) << world.error().to_string();
  std::vector<std::shared_ptr<void>> kept;
  (*world)->run(0, run_and_stop, scenario.run,
                Ground{.world = world->get(), .directory = directory, .kept = &kept});
  (*world)->join();
  kept.clear();
}

ScratchDirectory::ScratchDirectory() {
  const char* parent = std::getenv("TMPDIR");
  path_ = std::string(parent == nullptr ? "/tmp" : parent) + "/keel_test_XXXXXX";
  KEEL_ASSERT(::mkdtemp(path_.data()) != nullptr);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string name_of(const testing::TestParamInfo<Scenario>& info) {
  return info.param.name;
}

Task<Pair> connected_pair(Core* core) {
  Pair pair;
  pair.listener = must(co_await core->network().listen({}, 16));
  const Endpoint at{.port = pair.listener->port()};
  pair.client = must(co_await core->network().connect(at, patience(*core)));
  pair.server = must(co_await pair.listener->accept(patience(*core)));
  co_return pair;
}

Task<Result<>> send_all(Connection* to, ByteView bytes, Wait wait) {
  const std::array<ByteView, 1> parts{bytes};
  co_return co_await to->send(parts, wait);
}

Task<Result<Bytes>> receive_exactly(Connection* from, std::size_t size, Wait wait) {
  Bytes bytes;
  while (bytes.size() < size) {
    const Received received = KEEL_CO_TRY(co_await from->receive(wait));
    if (received.end_of_stream()) break;
    append(bytes, received.bytes());
  }
  co_return bytes;
}

}  // namespace keel::runtime::conformance
