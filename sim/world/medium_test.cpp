#include "sim/world/medium.hpp"

#include <gtest/gtest.h>

namespace keel::sim {
namespace {

Bytes filled(std::size_t size, int value) {
  return Bytes(size, static_cast<std::byte>(value));
}

Bytes content(const Medium::Node& node, std::size_t size) {
  Bytes bytes(size);
  node.visible.read(0, bytes);
  return bytes;
}

DiskFaults losing_everything() {
  DiskFaults faults;
  faults.page_dropped = Chance::always();
  return faults;
}

struct MediumTest : testing::Test {
  FaultCounts counts;
};

TEST_F(MediumTest, a_cut_loses_what_was_not_synced_and_keeps_what_was) {
  Medium medium(losing_everything(), Random(1), counts);
  auto node = medium.create("d/f");
  medium.end_write(*node, medium.begin_write(*node, 0, filled(4096, 1)));
  medium.end_sync(*node, medium.begin_sync(*node));
  medium.sync_directory("d");
  medium.end_write(*node, medium.begin_write(*node, 0, filled(4096, 2)));
  EXPECT_EQ(content(*node, 4096), filled(4096, 2));
  medium.power_cut();
  EXPECT_EQ(content(*medium.find("d/f"), 4096), filled(4096, 1));
  EXPECT_EQ(counts.of(Fault::page_dropped), 1u);
}

TEST_F(MediumTest, a_write_that_survives_an_earlier_one_is_counted) {
  bool counted = false;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    FaultCounts fired;
    DiskFaults faults{.page_torn = Chance::never(), .page_corrupted = Chance::never()};
    Medium medium(faults, Random(seed), fired);
    auto node = medium.create("d/f");
    medium.sync_directory("d");
    medium.end_write(*node, medium.begin_write(*node, 0, filled(4096, 1)));
    medium.end_write(*node, medium.begin_write(*node, 4096, filled(4096, 2)));
    node->durable.resize(8192);
    medium.power_cut();
    const Bytes left = content(*medium.find("d/f"), 8192);
    const bool reordered = left.at(0) == std::byte{0} && left.at(4096) == std::byte{2};
    EXPECT_EQ(fired.of(Fault::write_reordered), reordered ? 1u : 0u) << seed;
    counted = counted || reordered;
  }
  EXPECT_TRUE(counted);
}

TEST_F(MediumTest, a_sync_saves_only_writes_that_had_ended_when_it_began) {
  Medium medium(losing_everything(), Random(1), counts);
  auto node = medium.create("d/f");
  medium.sync_directory("d");
  const auto first = medium.begin_write(*node, 0, filled(4096, 1));
  const auto numbers = medium.begin_sync(*node);
  medium.end_write(*node, first);
  medium.end_sync(*node, numbers);
  medium.power_cut();
  EXPECT_EQ(content(*medium.find("d/f"), 4096), filled(4096, 0));
}

TEST_F(MediumTest, a_file_whose_directory_was_not_synced_may_be_gone) {
  bool kept = false;
  bool gone = false;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Medium medium(DiskFaults{}, Random(seed), counts);
    medium.create("d/f");
    medium.power_cut();
    (medium.find("d/f") != nullptr ? kept : gone) = true;
  }
  EXPECT_TRUE(kept && gone);
}

TEST_F(MediumTest, metadata_changes_survive_as_a_prefix) {
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Medium medium(DiskFaults{}, Random(seed), counts);
    medium.create("d/a");
    medium.rename("d/a", "d/b");
    medium.create("d/c");
    medium.power_cut();
    if (medium.find("d/c") != nullptr) {
      EXPECT_NE(medium.find("d/b"), nullptr);
    }
    EXPECT_FALSE(medium.find("d/a") != nullptr && medium.find("d/b") != nullptr);
  }
}

TEST_F(MediumTest, every_kind_of_damage_happens_and_spares_what_was_synced) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Medium medium(DiskFaults{}, Random(seed), counts);
    auto node = medium.create("d/f");
    medium.sync_directory("d");
    medium.end_write(*node, medium.begin_write(*node, 0, filled(8192, 1)));
    medium.end_sync(*node, medium.begin_sync(*node));
    medium.end_write(*node, medium.begin_write(*node, 8192, filled(3 * 4096, 2)));
    medium.power_cut();
    EXPECT_EQ(content(*medium.find("d/f"), 8192), filled(8192, 1));
  }
  EXPECT_GT(counts.of(Fault::page_dropped), 0u);
  EXPECT_GT(counts.of(Fault::page_torn), 0u);
  EXPECT_GT(counts.of(Fault::page_corrupted), 0u);
  EXPECT_GT(counts.of(Fault::size_dropped), 0u);
}

TEST_F(MediumTest, a_failed_sync_is_not_mended_by_the_next_one) {
  DiskFaults faults = losing_everything();
  Medium medium(faults, Random(1), counts);
  auto node = medium.create("d/f");
  medium.sync_directory("d");
  medium.end_write(*node, medium.begin_write(*node, 0, filled(4096, 1)));
  medium.fail_sync(*node, medium.begin_sync(*node));
  medium.end_sync(*node, medium.begin_sync(*node));
  medium.power_cut();
  EXPECT_EQ(content(*medium.find("d/f"), 4096), filled(4096, 0));
}

TEST_F(MediumTest, what_a_durable_write_covers_does_not_come_back_from_an_older_one) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Medium medium(DiskFaults{}, Random(seed), counts);
    auto node = medium.create("d/f");
    medium.sync_directory("d");
    medium.begin_write(*node, 0, filled(3 * 4096, 1));  // fails, and is never heard of again
    const std::uint64_t again = medium.begin_write(*node, 4096, filled(4096, 2));
    medium.end_write(*node, again);
    medium.commit_write(*node, again);
    medium.power_cut();
    const Bytes found = content(*medium.find("d/f"), 3 * 4096);
    EXPECT_EQ(Bytes(found.begin() + 4096, found.begin() + 2 * 4096), filled(4096, 2));
  }
}

TEST_F(MediumTest, what_a_truncation_cut_off_reads_as_zeros) {
  Medium::Content file;
  file.write(0, filled(10000, 7));
  file.resize(5000);
  file.resize(10000);
  Bytes bytes(10000);
  file.read(0, bytes);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 5000), filled(5000, 7));
  EXPECT_EQ(Bytes(bytes.begin() + 5000, bytes.end()), filled(5000, 0));
}

TEST_F(MediumTest, the_same_seed_leaves_the_same_bytes) {
  auto run = [this](std::uint64_t seed) {
    Medium medium(DiskFaults{}, Random(seed), counts);
    auto node = medium.create("d/f");
    medium.sync_directory("d");
    for (std::uint64_t i = 0; i < 20; ++i)
      medium.end_write(*node, medium.begin_write(*node, i * 4096, filled(4096, 9)));
    medium.power_cut();
    return content(*medium.find("d/f"), 20 * 4096);
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace keel::sim
