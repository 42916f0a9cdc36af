// Power cuts at every write: a key that was acknowledged opens what it sealed, an erasure that was
// acknowledged stays, and what was not acknowledged has happened or not.
#include "vault/vault_test_support.hpp"

namespace keel::vault {
namespace {

constexpr std::uint64_t kPersons = 90;  // more than two blocks of them

struct Story {
  std::map<std::uint64_t, Bytes> sealed;  // by person whose key was acknowledged
  std::set<std::uint64_t> being_erased;   // asked for
  std::set<std::uint64_t> erased;         // acknowledged
  std::uint64_t healed = 0;
};

Task<> work(Rig* rig, Story* story) {
  for (int life = 0; life < 2; ++life) {
    auto opened = co_await open_vault(rig);
    if (!opened.ok()) co_return;
    Vault& vault = **opened;
    for (std::uint64_t number = 0; number < kPersons; number += 5) {
      std::vector<Subject> five;
      for (std::uint64_t i = 0; i < 5; ++i) five.push_back(person(number + i));
      if (!(co_await vault.prepare(five)).ok()) co_return;
      for (std::uint64_t i = 0; i < 5; ++i)
        if (!story->erased.contains(number + i))
          story->sealed[number + i] = sealed_by(vault, person(number + i), "Ada");
      const std::uint64_t victim = number + static_cast<std::uint64_t>(life);
      story->being_erased.insert(victim);
      if (!(co_await vault.erase(person(victim))).ok()) co_return;
      story->erased.insert(victim);
    }
  }
}

Task<> check(Rig* rig, Story* story) {
  auto opened = co_await open_vault(rig);
  EXPECT_TRUE(opened.ok()) << opened.error().to_string();
  if (!opened.ok()) co_return;
  Vault& vault = **opened;
  story->healed = vault.healed_blocks();
  for (const auto& [number, sealed] : story->sealed) {
    const std::array one{person(number)};
    EXPECT_TRUE((co_await vault.prepare(one)).ok());
    const std::string found = opened_by(vault, person(number), sealed);
    if (story->erased.contains(number)) EXPECT_EQ(found, "erased");
    if (!story->being_erased.contains(number)) EXPECT_EQ(found, "Ada");
    EXPECT_TRUE(found == "Ada" || found == "erased") << number;
  }
  const std::array fresh{person(kPersons + 1)};
  EXPECT_TRUE((co_await vault.prepare(fresh)).ok());
  EXPECT_TRUE(rig->content(kKeyFiles[0]) == rig->content(kKeyFiles[1]));
}

TEST(VaultCrash, a_cut_at_every_write_loses_no_key_and_brings_none_back) {
  std::uint64_t writes = 0;
  {
    Rig rig(1);
    Story story;
    rig.run(work, &rig, &story);
    writes = rig.machine.power().writes_begun;
    EXPECT_EQ(story.erased.size(), 2 * kPersons / 5);
  }
  ASSERT_GT(writes, 60u);
  std::uint64_t healed = 0;
  for (std::uint64_t cut = 0; cut < writes; ++cut) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      Rig rig(seed * 1'000 + cut);
      rig.machine.power().cut_before_write = cut;
      Story story;
      rig.run(work, &rig, &story);
      rig.machine.cut_power();
      rig.machine.restore_power();
      rig.machine.power().cut_before_write = UINT64_MAX;
      rig.run(check, &rig, &story);
      healed += story.healed;
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ", cut at write " << cut;
    }
  }
  EXPECT_GT(healed, 100u) << "the copies never differed: nothing was tested";
}

}  // namespace
}  // namespace keel::vault
