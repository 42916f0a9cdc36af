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
            const std::string said = report.ok() ? (report->ok() ? "" : report->findings.front())
                                                 : report.error().detail();
            EXPECT_NE(said.find(damaged), std::string::npos) << said << " at " << offset;
          },
          &rig, path, bit / 8);
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

}  // namespace
}  // namespace keel::archive
