// The store on the real disk, in the worlds with threads: flushes and merges on one hand, requests
// on the other. For the thread sanitizer above all.
#include <unistd.h>

#include <filesystem>

#include "archive/store/store_test_support.hpp"
#include "runtime/worlds/make_world.hpp"

namespace keel::archive {
namespace {

class ArchiveInWorld : public testing::TestWithParam<runtime::WorldKind> {
 protected:
  ArchiveInWorld()
      : directory_(std::filesystem::temp_directory_path() /
                   ("keel-archive-test-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
};

Task<> keep_merging(runtime::Core* core, Store* store, const bool* ended) {
  while (!*ended || store->wants_merge()) {
    EXPECT_TRUE((co_await store->merge(30'000)).ok());
    co_await core->yield();
  }
}

Task<> keep_asking(runtime::Core* core, Store* store, const bool* ended) {
  for (std::uint64_t i = 0; !*ended; ++i) {
    co_await core->yield();
    const std::uint64_t rows = store->manifest().table(kTransfers).rows;
    const std::uint64_t number = i * 7919 % (rows + 10);
    const auto found = co_await find(store, kById, id_key(number));
    EXPECT_TRUE(found.ok()) << found.error().to_string();
    if (number < rows) EXPECT_EQ(found.value().number, number);
  }
}

Task<> fill_and_ask(runtime::Core& core, runtime::Cancellation&, std::string directory,
                    runtime::World* world) {
  StoreOptions options = small_options();
  options.run_rows = 2'000;
  auto store = (co_await Store::open(core, directory, kSchemas, options, Position(0))).value();
  bool ended = false;
  {
    runtime::Scope scope(core);
    scope.spawn(keep_merging, &core, store.get(), &ended);
    scope.spawn(keep_asking, &core, store.get(), &ended);
    for (std::uint64_t i = 1; i <= 5; ++i) {
      EXPECT_TRUE((co_await store->flush(kTransfers, i * 2'000, TestFeed{})).ok());
      EXPECT_TRUE((co_await store->commit(Position(i))).ok());
      EXPECT_TRUE((co_await store->forget_before(Position(i))).ok());
    }
    ended = true;
    co_await scope.join();
  }
  co_await expect_rows(store.get(), 0, 10'000 / kRowsABlock * kRowsABlock);
  EXPECT_GT(store->statistics().merges, 0u);
  EXPECT_TRUE((co_await store->close()).ok());
  const auto verifier = (co_await Verifier::begin(core.disk(), directory, Position(5), kSchemas,
                                                  {.direct = true, .offload = &core.offload()}))
                            .value();
  while ((co_await verifier->step(1 << 20)).value()) {
  }
  EXPECT_TRUE(verifier->report().ok()) << verifier->report().findings.front().to_string();
  world->stop();
}

TEST_P(ArchiveInWorld, takes_rows_in_merges_and_answers_at_once) {
  runtime::ChosenWorld chosen = runtime::make_world({.cores = 1}, GetParam()).value();
  chosen.world->run(0, fill_and_ask, directory_.string(), chosen.world.get());
  chosen.world->join();
}

INSTANTIATE_TEST_SUITE_P(Worlds, ArchiveInWorld,
                         testing::Values(runtime::WorldKind::uring, runtime::WorldKind::pool),
                         [](const auto& kind) {
                           return kind.param == runtime::WorldKind::uring ? "uring" : "pool";
                         });

}  // namespace
}  // namespace keel::archive
