#include "base/hash/sha256.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/hash/hmac.hpp"

namespace keel {
namespace {

// FIPS 180-4 examples (NIST CSRC).
TEST(Sha256, agrees_with_the_published_vectors) {
  EXPECT_EQ(to_hex(sha256(ByteView{})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(as_bytes(std::string(1'000'000, 'a')))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, pieces_hash_as_their_concatenation) {
  EXPECT_EQ(sha256({as_bytes("a"), ByteView{}, as_bytes("bc")}), sha256(as_bytes("abc")));
  Sha256 hash;
  hash.update(as_bytes("a"));
  hash.update(as_bytes("bc"));
  EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
}

TEST(Sha256, begins_anew_after_finish_and_after_reset) {
  Sha256 hash;
  hash.update(as_bytes("something"));
  static_cast<void>(hash.finish());
  EXPECT_EQ(hash.finish(), sha256(ByteView{}));
  hash.update(as_bytes("something"));
  hash.reset();
  hash.update(as_bytes("abc"));
  EXPECT_EQ(hash.finish(), sha256(as_bytes("abc")));
}

TEST(Sha256, one_shots_on_two_threads_do_not_meet) {
  const Digest expected = sha256(as_bytes("abc"));
  int wrong = 0;
  std::thread other([&] {
    for (int i = 0; i < 2'000; ++i) wrong += sha256(as_bytes("abc")) != expected ? 1 : 0;
  });
  for (int i = 0; i < 2'000; ++i) static_cast<void>(sha256(as_bytes("other")));
  other.join();
  EXPECT_EQ(wrong, 0);
}

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, agrees_with_the_published_vectors) {
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, std::byte{0x0b}), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, std::byte{0xaa}),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, one_key_serves_many_messages) {
  HmacSha256 key(as_bytes("Jefe"));
  const Digest first = key.sign(as_bytes("one"));
  static_cast<void>(key.sign(as_bytes("two")));
  EXPECT_EQ(key.sign({as_bytes("o"), as_bytes("ne")}), first);
  EXPECT_EQ(to_hex(HmacSha256(ByteView{}).sign(ByteView{})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(EqualInConstantTime, compares_size_and_bytes) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace keel
