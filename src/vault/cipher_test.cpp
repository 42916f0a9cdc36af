#include "vault/cipher.hpp"

#include <gtest/gtest.h>

#include "vault/vault_test_support.hpp"

namespace keel::vault {
namespace {

constexpr Key kKey{std::byte{7}};

Bytes sealed(std::string_view value, std::uint8_t nonce = 1) {
  Bytes bytes;
  seal(kKey, place_of(person(1)), nonce_of(nonce), as_bytes(value), bytes);
  return bytes;
}

TEST(Cipher, opens_what_it_sealed_and_is_longer_by_its_overhead) {
  for (const std::string_view value : {"", "Ada", "a longer value with some words in it"}) {
    const Bytes bytes = sealed(value);
    EXPECT_EQ(bytes.size(), value.size() + kOverhead);
    EXPECT_EQ(as_text(open(kKey, place_of(person(1)), bytes).value()), value);
  }
}

TEST(Cipher, seals_the_same_alike_and_another_value_under_another_nonce) {
  EXPECT_EQ(sealed("Ada"), sealed("Ada"));
  EXPECT_NE(sealed("Ada"), sealed("Ada", 2));
  // The nonce is the caller's own mixed with the value: the same one twice does no harm.
  const Bytes ada = sealed("Ada");
  const Bytes eve = sealed("Eve");
  EXPECT_FALSE(std::ranges::equal(ByteView(ada).subspan(1, kNonceBytes),
                                  ByteView(eve).subspan(1, kNonceBytes)));
}

TEST(Cipher, opens_at_no_other_place_and_under_no_other_key) {
  const Bytes bytes = sealed("Ada");
  SealedPlace other = place_of(person(1));
  other.field = 3;
  EXPECT_FALSE(open(kKey, other, bytes).has_value());
  EXPECT_FALSE(open(kKey, place_of(person(2)), bytes).has_value());
  EXPECT_FALSE(open(Key{}, place_of(person(1)), bytes).has_value());
}

TEST(Cipher, notices_every_flipped_bit_and_every_cut) {
  const Bytes bytes = sealed("Ada Lovelace");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_FALSE(open(kKey, place_of(person(1)), flipped).has_value()) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(open(kKey, place_of(person(1)), ByteView(bytes).first(size)).has_value());
}

TEST(Cipher, unwraps_a_key_for_its_person_and_vault_only) {
  const VaultId vault{std::byte{9}};
  Slot slot{.state = SlotState::key, .tenant = 1, .subject = 5, .nonce = nonce_of(3)};
  slot.wrapped = wrap(Key{}, vault, slot.whose(), slot.nonce, kKey);
  Key key{};
  EXPECT_TRUE(unwrap(Key{}, vault, slot, key));
  EXPECT_EQ(key, kKey);
  EXPECT_FALSE(unwrap(kKey, vault, slot, key));
  EXPECT_FALSE(unwrap(Key{}, VaultId{}, slot, key));
  slot.subject = 6;
  EXPECT_FALSE(unwrap(Key{}, vault, slot, key));
}

}  // namespace
}  // namespace keel::vault
