#include "vault/vault.hpp"

#include <algorithm>

#include "vault/vault_test_support.hpp"

namespace keel::vault {
namespace {

TEST(Vault, keeps_a_key_for_each_person_over_openings) {
  Rig rig(1);
  Bytes sealed;
  rig.run(
      +[](Rig* r, Bytes* out) -> Task<> {
        auto vault = (co_await open_vault(r)).value();
        const std::array persons{person(1), person(2), person(1)};
        EXPECT_FALSE(vault->is_ready(person(1)));
        EXPECT_TRUE((co_await vault->prepare(persons)).ok());
        EXPECT_TRUE(vault->is_ready(person(1)));
        EXPECT_EQ(vault->subjects(), 2u);
        *out = sealed_by(*vault, person(1), "Ada");
      },
      &rig, &sealed);
  rig.run(
      +[](Rig* r, Bytes* in) -> Task<> {
        auto vault = (co_await open_vault(r)).value();
        EXPECT_EQ(vault->subjects(), 2u);
        EXPECT_EQ(opened_by(*vault, person(1), *in), "?") << "not yet at hand";
        const std::array persons{person(1), person(2)};
        EXPECT_TRUE((co_await vault->prepare(persons)).ok());
        EXPECT_EQ(opened_by(*vault, person(1), *in), "Ada");
        EXPECT_EQ(opened_by(*vault, person(2), *in), "?") << "sealed for another";
        EXPECT_EQ(sealed_by(*vault, person(1), "Ada"), *in);
      },
      &rig, &sealed);
}

TEST(Vault, what_is_not_at_hand_is_not_sealed) {
  Rig rig(2);
  rig.run(
      +[](Rig* r) -> Task<> {
        auto vault = (co_await open_vault(r)).value();
        Bytes sealed;
        const Result<> done = vault->seal(place_of(person(1)), nonce_of(1), as_bytes("x"), sealed);
        EXPECT_TRUE(done.error().is(kernel::kSubjectUnknown));
        EXPECT_TRUE(sealed.empty());
      },
      &rig);
}

// Whether the wrapped key that stood in a slot stands anywhere in the files.
bool holds(Rig& rig, ByteView wrapped) {
  return std::ranges::any_of(kKeyFiles, [&](std::string_view name) {
    const Bytes content = rig.content(name);
    return !std::ranges::search(content, wrapped).empty();
  });
}

TEST(Vault, erasing_destroys_the_key_in_every_file_and_for_ever) {
  Rig rig(3);
  Bytes sealed;
  rig.run(
      +[](Rig* r, Bytes* out) -> Task<> {
        auto vault = (co_await open_vault(r)).value();
        const std::array persons{person(1), person(2)};
        EXPECT_TRUE((co_await vault->prepare(persons)).ok());
        *out = sealed_by(*vault, person(1), "Ada");
      },
      &rig, &sealed);
  const Bytes before = rig.content(kKeyFiles[0]);
  const ByteView wrapped = ByteView(before).subspan(64 + 32, kNonceBytes + sizeof(WrappedKey));
  EXPECT_TRUE(holds(rig, wrapped));
  rig.run(
      +[](Rig* r, Bytes* in) -> Task<> {
        {
          auto vault = (co_await open_vault(r)).value();
          EXPECT_TRUE((co_await vault->erase(person(1))).ok());
          EXPECT_TRUE((co_await vault->erase(person(1))).ok()) << "again: nothing";
          EXPECT_TRUE((co_await vault->erase(person(9))).error().is(kNoSuchSubject));
          EXPECT_EQ(opened_by(*vault, person(1), *in), "erased");
        }
        auto vault = (co_await open_vault(r)).value();
        EXPECT_EQ(vault->erased(), 1u);
        const std::array persons{person(1), person(2)};
        EXPECT_TRUE((co_await vault->prepare(persons)).ok()) << "makes no new key for the erased";
        EXPECT_EQ(opened_by(*vault, person(1), *in), "erased");
        Bytes more;
        const Result<> done = vault->seal(place_of(person(1)), nonce_of(1), as_bytes("x"), more);
        EXPECT_TRUE(done.error().is(kernel::kSubjectErased));
        EXPECT_EQ(opened_by(*vault, person(2), sealed_by(*vault, person(2), "Eve")), "Eve");
      },
      &rig, &sealed);
  EXPECT_FALSE(holds(rig, wrapped));
}

TEST(Vault, has_bounds) {
  Rig rig(4);
  rig.run(
      +[](Rig* r) -> Task<> {
        auto vault = (co_await open_vault(r, 8)).value();
        std::vector<Bytes> sealed;
        for (std::uint64_t number = 0; number < 200; ++number) {
          const std::array one{person(number)};
          EXPECT_TRUE((co_await vault->prepare(one)).ok());
          sealed.push_back(sealed_by(*vault, person(number), "Ada"));
        }
        const std::array one_more{person(200)};
        EXPECT_TRUE((co_await vault->prepare(one_more)).error().is(kFull));
        EXPECT_FALSE(vault->is_ready(person(0))) << "eight are at hand";
        for (std::uint64_t number = 0; number < 200; ++number) {
          const std::array one{person(number)};
          EXPECT_TRUE((co_await vault->prepare(one)).ok());
          EXPECT_EQ(opened_by(*vault, person(number), sealed[number]), "Ada");
        }
      },
      &rig);
}

Task<> make_two(Rig* rig) {
  auto vault = (co_await open_vault(rig)).value();
  const std::array persons{person(1), person(2)};
  EXPECT_TRUE((co_await vault->prepare(persons)).ok());
}

Task<> open_and_note(Rig* rig, std::uint16_t* error, std::uint64_t* healed) {
  const auto vault = co_await open_vault(rig);
  *error = vault.ok() ? 0 : vault.error().kind().number;
  *healed = vault.ok() ? (*vault)->healed_blocks() : 0;
  if (!vault.ok()) co_return;
  EXPECT_EQ((*vault)->subjects(), 2u);
  const std::array persons{person(1), person(2)};
  EXPECT_TRUE((co_await (*vault)->prepare(persons)).ok());
}

void flip(Rig& rig, std::string_view name, std::uint64_t offset) {
  rig.machine.medium().write_back();
  rig.machine.medium().flip_bit(kDirectory + "/" + std::string(name), offset, 3);
  rig.machine.cut_power();
  rig.machine.restore_power();
}

TEST(Vault, a_damaged_copy_is_healed_from_the_other) {
  for (const std::uint64_t offset : {3u, 20u, 70u, 200u, 4'000u}) {
    Rig rig(5);
    rig.run(make_two, &rig);
    std::uint16_t error = 0;
    std::uint64_t healed = 0;
    flip(rig, kKeyFiles[offset % 2], offset);
    rig.run(open_and_note, &rig, &error, &healed);
    EXPECT_EQ(error, 0);
    EXPECT_EQ(healed, 1u);
    EXPECT_EQ(rig.content(kKeyFiles[0]), rig.content(kKeyFiles[1]));
  }
}

TEST(Vault, damage_in_both_copies_or_in_the_master_key_is_refused) {
  std::uint16_t error = 0;
  std::uint64_t healed = 0;
  Rig both(6);
  both.run(make_two, &both);
  flip(both, kKeyFiles[0], 70);
  flip(both, kKeyFiles[1], 71);
  both.run(open_and_note, &both, &error, &healed);
  EXPECT_EQ(error, kDamaged.number);
  Rig master(7);
  master.run(make_two, &master);
  flip(master, kMasterFile, 40);
  master.run(open_and_note, &master, &error, &healed);
  EXPECT_EQ(error, kDamaged.number);
}

TEST(Vault, without_its_master_key_it_is_refused_and_none_is_made) {
  Rig rig(8);
  rig.run(make_two, &rig);
  rig.machine.medium().remove(kDirectory + "/" + std::string(kMasterFile));
  std::uint16_t error = 0;
  std::uint64_t healed = 0;
  rig.run(open_and_note, &rig, &error, &healed);
  EXPECT_EQ(error, kNoMasterKey.number);
  EXPECT_TRUE(rig.content(kMasterFile).empty());
}

}  // namespace
}  // namespace keel::vault
