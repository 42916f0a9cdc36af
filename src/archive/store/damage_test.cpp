// Rot: every flipped bit of a small store is found out by the verifier, by file and offset, and a
// request that meets a damaged block fails alone.
#include "archive/store/store_test_support.hpp"

namespace keel::archive {
namespace {

Task<> write_small_store(Rig* rig) {
  auto store = (co_await open_store(rig, small_options(), Position(0))).value();
  const TestFeed feed;
  EXPECT_TRUE((co_await store->flush(kTransfers, 400, feed)).ok());
  EXPECT_TRUE((co_await store->flush(kOthers, 60, feed)).ok());
  EXPECT_TRUE((co_await store->commit(Position(1))).ok());
  while ((co_await store->merge(100'000)).value()) {
  }
  EXPECT_TRUE((co_await store->close()).ok());
}

TEST(ArchiveDamage, any_flipped_bit_is_found_out_and_named) {
  Rig rig(quiet_world(1));
  rig.run(write_small_store, &rig);
  std::uint64_t flips = 0;
  for (const std::string& name : rig.machine.medium().list(kDirectory)) {
    const std::string path = std::string(kDirectory) + "/" + name;
    const std::uint64_t size = rig.machine.medium().find(path)->visible.size_bytes;
    // Every bit of a manifest; elsewhere some of each block, all its trailer's among them.
    for (std::uint64_t bit = 0; bit < size * 8; ++bit) {
      const bool in_trailer = bit / 8 % 4096 >= 4096 - sizeof(BlockTrailer);
      if (!name.starts_with("manifest") && bit % 1'009 != 0 && !(in_trailer && bit % 3 == 0)) {
        continue;
      }
      rig.machine.medium().flip_bit(path, bit / 8, static_cast<unsigned>(bit % 8));
      rig.run(
          +[](Rig* r, std::string damaged, std::uint64_t offset) -> Task<> {
            const auto report = co_await verify_all(&r->core().disk(), Position(1));
            const std::string said = !report.ok()   ? report.error().detail()
                                     : report->ok() ? ""
                                                    : report->findings.front().to_string();
            EXPECT_NE(said.find(damaged), std::string::npos) << said << " at " << offset;
          },
          &rig, name, bit / 8);
      rig.machine.medium().flip_bit(path, bit / 8, static_cast<unsigned>(bit % 8));
      ++flips;
      ASSERT_FALSE(HasFailure());
    }
  }
  EXPECT_GT(flips, 5'000u);
}

TEST(ArchiveDamage, a_request_that_meets_it_fails_with_file_and_offset_and_others_go_on) {
  Rig rig(quiet_world(2));
  rig.run(write_small_store, &rig);
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(1))).value();
        const BlockId rotten = store->manifest().table(kTransfers).place_of(0, 4096).block;
        const std::string path =
            FileSet(r->core().disk(), std::string(kDirectory)).path_of(rotten.file);
        r->machine.medium().flip_bit(path, rotten.block * 4096 + 77, 3);
        const auto failed = co_await row_at(store.get(), 0);
        EXPECT_TRUE(failed.error().is(kDamaged));
        EXPECT_NE(failed.error().detail().find(path), std::string::npos);
        EXPECT_EQ((co_await row_at(store.get(), 300)).value().number, 300u);
        EXPECT_EQ((co_await find(store.get(), kById, id_key(0))).value().number, 0u);
        EXPECT_TRUE((co_await store->close()).ok());
      },
      &rig);
}

Task<Result<VerifyReport>> verify_newest(runtime::Disk* disk) {
  const auto verifier = KEEL_CO_TRY(
      co_await Verifier::begin_newest(*disk, std::string(kDirectory), kSchemas, {.direct = true}));
  EXPECT_NE(verifier, nullptr);
  while (KEEL_CO_TRY(co_await verifier->step(20'000))) {
  }
  co_return verifier->report();
}

TEST(ArchiveDamage, what_a_merge_takes_away_while_it_is_verified_is_no_damage) {
  Rig rig(quiet_world(3));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(0))).value();
        const TestFeed feed;
        EXPECT_TRUE((co_await store->flush(kTransfers, 250, feed)).ok());
        EXPECT_TRUE((co_await store->commit(Position(1))).ok());
        const auto verifier =
            (co_await Verifier::begin_newest(r->core().disk(), std::string(kDirectory), kSchemas,
                                             {.direct = false, .offload = &r->core().offload()}))
                .value();
        while ((co_await store->merge(100'000)).value()) {
        }
        EXPECT_TRUE((co_await store->flush(kTransfers, 400, feed)).ok());
        EXPECT_TRUE((co_await store->commit(Position(2))).ok());
        EXPECT_TRUE((co_await store->forget_before(Position(2))).ok());
        while ((co_await verifier->step(4'096)).value()) {
        }
        EXPECT_TRUE(verifier->report().ok()) << verifier->report().findings.front().to_string();
        const VerifyReport now = (co_await verify_newest(&r->core().disk())).value();
        EXPECT_TRUE(now.ok());
        EXPECT_EQ(now.position, Position(2));
        EXPECT_TRUE((co_await store->close()).ok());
      },
      &rig);
}

TEST(ArchiveDamage, a_damaged_manifest_is_named_and_the_one_before_it_is_looked_at) {
  Rig rig(quiet_world(4));
  rig.run(write_small_store, &rig);
  rig.run(
      +[](Rig* r) -> Task<> {
        auto store = (co_await open_store(r, small_options(), Position(1))).value();
        EXPECT_TRUE((co_await store->flush(kTransfers, 600, TestFeed())).ok());
        EXPECT_TRUE((co_await store->commit(Position(2))).ok());
        EXPECT_TRUE((co_await store->close()).ok());
        const std::string name = FileSet::manifest_name_of(Position(2));
        r->machine.medium().flip_bit(std::string(kDirectory) + '/' + name, 50, 2);
        const VerifyReport report = (co_await verify_newest(&r->core().disk())).value();
        EXPECT_EQ(report.damaged, 1u);
        EXPECT_EQ(report.findings.front().file, name);
        EXPECT_EQ(report.position, Position(1));
        EXPECT_GT(report.rows, 300u);
      },
      &rig);
}

}  // namespace
}  // namespace keel::archive
