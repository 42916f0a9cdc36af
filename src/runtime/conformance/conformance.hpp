// The contract of the ports, as scenarios that every world must pass: io_uring, thread pool and
// simulated. A world's test runs each of them in a fresh world:
//
//   class MyWorld : public testing::TestWithParam<conformance::Scenario> {};
//   TEST_P(MyWorld, keeps_the_contract) {
//     conformance::run(GetParam(), [](const WorldOptions& options) { return make(options); },
//     where);
//   }
//   INSTANTIATE_TEST_SUITE_P(Ports, MyWorld, testing::ValuesIn(conformance::scenarios()),
//                            conformance::name_of);
//
// A scenario is a root task of core 0; it reports by gtest's EXPECT and never waits for `stop`.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "runtime/world.hpp"

namespace keel::runtime::conformance {

// Where a scenario runs.
struct Ground {
  World* world = nullptr;
  std::string directory;  // exists, is empty, and is this scenario's alone
  // What must outlive every task of the world: destroyed after join().
  std::vector<std::shared_ptr<void>>* kept = nullptr;
};

struct Scenario {
  using Run = Task<>(Core& core, Cancellation& stop, Ground ground);

  const char* name;
  Run* run;
  WorldOptions options = {};
  // Needs time that passes while a core computes, or a real operating system: not for the
  // simulated world.
  bool real_only = false;

  friend void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }
};

// All of them, of every file of this folder.
std::vector<Scenario> scenarios();

using MakeWorld = std::function<Result<std::unique_ptr<World>>(const WorldOptions& options)>;

// Makes the world, runs the scenario in it to its end, and takes it down.
void run(const Scenario& scenario, const MakeWorld& make_world, const std::string& directory);

// A directory of the real file system that is removed with all that is in it when it dies.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

std::string name_of(const testing::TestParamInfo<Scenario>& info);

}  // namespace keel::runtime::conformance
