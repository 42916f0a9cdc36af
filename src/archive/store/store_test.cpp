// The store in a world without faults: what goes in is found, through merges, openings and drops.
#include <rapidcheck.h>

#include "archive/store/store_test_support.hpp"

namespace keel::archive {
namespace {

TEST(ArchiveStore, finds_what_was_committed_and_nothing_before) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(0))).value();
        const TestFeed feed;
        const auto flushed = co_await store->flush(kTransfers, 777, feed);
        EXPECT_EQ(flushed.value(), 777 / kRowsABlock * kRowsABlock);
        EXPECT_EQ((co_await find(store.get(), kById, id_key(5))).value().number, std::nullopt);
        EXPECT_TRUE((co_await store->commit(Position(10))).ok());
        co_await expect_rows(store.get(), 0, *flushed);
        // The rest of the block comes with the next flush.
        EXPECT_EQ((co_await store->flush(kTransfers, 1'000, feed)).value(), 1'000u);
        EXPECT_TRUE((co_await store->commit(Position(11))).ok());
        co_await expect_rows(store.get(), 0, 1'000);
        EXPECT_TRUE((co_await store->commit(Position(11))).error().is(kOutOfOrder));
        EXPECT_TRUE((co_await store->close()).ok());
        const auto report = (co_await verify_all(&r->core().disk(), Position(11))).value();
        EXPECT_TRUE(report.ok()) << report.findings.front().to_string();
        EXPECT_EQ(report.rows, 1'000u);
      },
      &rig);
}

// A script of operations on one table, with openings and another table beside it; the model is
// how many rows were committed at which position.
struct Step {
  enum Kind : std::uint8_t { flush, commit, merge, drop, reopen, forget, back, count_ };
  Kind kind;
  std::uint64_t amount;
};

struct Model {
  std::uint64_t flushed = 0;
  std::uint64_t dropping = 0;
  struct Committed {
    std::uint64_t rows;
    std::uint64_t first;
  };
  std::map<std::uint64_t, Committed> at{{0, {0, 0}}};  // by position
};

Task<> play(Rig* rig, const std::vector<Step>* steps) {
  Model model;
  const TestFeed feed;
  std::uint64_t position = 0;
  auto store = (co_await open_store(rig, small_options(), Position(0))).value();
  for (const Step& step : *steps) {
    const Model::Committed committed = model.at.rbegin()->second;
    switch (step.kind) {
      case Step::flush: {
        const auto flushed =
            co_await store->flush(kTransfers, model.flushed + step.amount * 7, feed);
        const auto others = flushed.ok() ? co_await store->flush(kOthers, *flushed, feed) : flushed;
        if (!others.ok()) {
          EXPECT_TRUE(others.error().is(kBehind)) << others.error().to_string();
          model.flushed = committed.rows;
          break;
        }
        EXPECT_LE(*flushed, model.flushed + step.amount * 7);
        model.flushed = *flushed;
        break;
      }
      case Step::commit:
        EXPECT_TRUE((co_await store->commit(Position(++position))).ok());
        model.at[position] = {.rows = model.flushed,
                              .first = std::max(committed.first, model.dropping)};
        break;
      case Step::merge:
        for (std::uint64_t i = 0; i < step.amount; ++i) {
          EXPECT_TRUE((co_await store->merge(1)).ok());
        }
        break;
      case Step::drop:
        model.dropping = std::max(model.dropping, committed.rows * step.amount / 200);
        store->drop_before(kTransfers, committed.rows * step.amount / 200);
        break;
      case Step::forget:
        EXPECT_TRUE((co_await store->forget_before(Position(position))).ok());
        while (model.at.begin()->first < position) model.at.erase(model.at.begin());
        break;
      case Step::back:
        if (model.at.size() > 1) model.at.erase(std::prev(model.at.end()));
        [[fallthrough]];
      case Step::reopen: {
        position = model.at.rbegin()->first;
        model.flushed = model.at.rbegin()->second.rows;
        model.dropping = 0;
        EXPECT_TRUE((co_await store->close()).ok());
        auto opened = co_await open_store(rig, small_options(), Position(position));
        EXPECT_TRUE(opened.ok()) << opened.error().to_string();
        if (!opened.ok()) co_return;
        store = std::move(*opened);
        break;
      }
      case Step::count_:
        break;
    }
    const Model::Committed now = model.at.rbegin()->second;
    co_await expect_rows(store.get(), now.first, now.rows);
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_TRUE((co_await store->close()).ok());
  for (const auto& [at, committed] : model.at) {
    if (at == 0) continue;
    const auto report = co_await verify_all(&rig->core().disk(), Position(at));
    EXPECT_TRUE(report.ok()) << report.error().to_string();
    if (report.ok())
      EXPECT_TRUE(report->ok()) << at << ": " << report->findings.front().to_string();
  }
}

TEST(ArchiveStore, is_as_its_model_after_any_script) {
  const bool held = rc::check("scripts", [] {
    const auto steps = *rc::gen::container<std::vector<Step>>(rc::gen::apply(
        [](int kind, std::uint64_t amount) {
          return Step{.kind = static_cast<Step::Kind>(kind), .amount = amount};
        },
        rc::gen::weightedElement<int>({{6, Step::flush},
                                       {6, Step::commit},
                                       {6, Step::merge},
                                       {2, Step::drop},
                                       {1, Step::reopen},
                                       {1, Step::forget},
                                       {1, Step::back}}),
        rc::gen::inRange<std::uint64_t>(0, 60)));
    Rig rig(quiet_world(1));
    rig.run(play, &rig, &steps);
    RC_ASSERT(!testing::Test::HasFailure());
  });
  EXPECT_TRUE(held);
}

TEST(ArchiveStore, merges_keep_the_runs_few_and_old_files_go) {
  Rig rig(quiet_world(3));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(0))).value();
        const TestFeed feed;
        for (std::uint64_t i = 1; i <= 40; ++i) {
          EXPECT_TRUE((co_await store->flush(kTransfers, i * 100, feed)).ok());
          EXPECT_TRUE((co_await store->commit(Position(i))).ok());
          EXPECT_TRUE((co_await store->forget_before(Position(i))).ok());
          while ((co_await store->merge(10'000)).value()) {
          }
        }
        EXPECT_FALSE(store->wants_merge());
        const StoreStatistics statistics = store->statistics();
        for (const IndexRuns& index : store->manifest().table(kTransfers).indexes) {
          EXPECT_LE(index.runs.size(), 10u);
        }
        EXPECT_GT(statistics.merges, 30u);
        EXPECT_GT(statistics.runs_by_level.size(), 3u);
        const auto names = (co_await r->core().disk().list(kDirectory)).value();
        EXPECT_EQ(names.size(), statistics.files + 1) << "and one manifest";
        co_await expect_rows(store.get(), 0, 4'000 / kRowsABlock * kRowsABlock);
        EXPECT_TRUE((co_await store->close()).ok());
      },
      &rig);
}

TEST(ArchiveStore, answers_from_a_cache_that_holds_a_small_part_and_never_grows_over_its_budget) {
  Rig rig(quiet_world(4));
  rig.run(
      +[](Rig* r) -> Task<> {
        StoreOptions options = small_options();
        options.run_rows = 20'000;
        options.blocks_per_file = 64;
        options.cache_bytes = 24 * 4096;
        auto store = (co_await open_store(r, options, Position(0))).value();
        const TestFeed feed;
        const std::uint64_t rows = (co_await store->flush(kTransfers, 60'000, feed)).value();
        EXPECT_TRUE((co_await store->commit(Position(1))).ok());
        while ((co_await store->merge(100'000)).value()) {
        }
        for (std::uint64_t i = 0; i < 3'000; ++i) {
          const std::uint64_t number = i * 7919 % (rows + 500);
          const auto found = (co_await find(store.get(), kById, id_key(number))).value();
          EXPECT_EQ(found.number, number < rows ? std::optional(number) : std::nullopt);
        }
        const StoreStatistics statistics = store->statistics();
        EXPECT_GT(statistics.cache.evicted, 1'000u);
        EXPECT_LE(statistics.cache.blocks, 24u);
        EXPECT_LT(statistics.cache_bytes, 48 * 4096u);
        EXPECT_GT(statistics.bytes, 50 * options.cache_bytes);
        EXPECT_TRUE((co_await store->close()).ok());
      },
      &rig);
}

TEST(ArchiveStore, two_requests_that_lack_the_same_block_read_it_once) {
  Rig rig(quiet_world(5));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(0))).value();
        EXPECT_TRUE((co_await store->flush(kTransfers, 100, TestFeed{})).ok());
        EXPECT_TRUE((co_await store->commit(Position(1))).ok());
        const std::uint64_t before = store->statistics().bytes_read;
        runtime::Scope scope(r->core());
        for (std::uint64_t i = 0; i < 20; ++i) {
          scope.spawn(
              +[](Store* s) -> Task<> { EXPECT_EQ((co_await row_at(s, 3)).value().number, 3u); },
              store.get());
        }
        co_await scope.join();
        EXPECT_EQ(store->statistics().bytes_read - before, 4096u);
        EXPECT_TRUE((co_await store->close()).ok());
      },
      &rig);
}

TEST(ArchiveStore, refuses_options_and_schemas_that_do_not_fit) {
  Rig rig(quiet_world(6));
  rig.run(
      +[](Rig* r) -> Task<> {
        StoreOptions bad = small_options();
        bad.block_bytes = 1'000;
        EXPECT_TRUE((co_await open_store(r, bad, Position(0))).error().is(kBadOptions));
        bad = small_options();
        bad.most_runs = 2;
        EXPECT_TRUE((co_await open_store(r, bad, Position(0))).error().is(kBadOptions));
        bad = small_options();
        bad.most_runs_unique = bad.fan_out_unique;
        EXPECT_TRUE((co_await open_store(r, bad, Position(0))).error().is(kBadOptions));
        EXPECT_TRUE((co_await open_store(r, small_options(), Position(9))).error().is(kNoManifest));
        auto store = (co_await open_store(r, small_options(), Position(0))).value();
        EXPECT_TRUE((co_await store->commit(Position(1))).ok());
        EXPECT_TRUE((co_await store->close()).ok());
        const std::span<const kernel::ColdTableSchema> fewer(kSchemas.data(), 1);
        EXPECT_TRUE((co_await Store::open(r->core(), std::string(kDirectory), fewer,
                                          small_options(), Position(1)))
                        .error()
                        .is(kOtherSchema));
      },
      &rig);
}

}  // namespace
}  // namespace keel::archive
