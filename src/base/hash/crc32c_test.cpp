#include <gtest/gtest.h>

#include "base/hash/crc32c.hpp"
#include "base/hash/hash64.hpp"

namespace keel {
namespace {

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>((i * 131 + i / 7) & 0xff);
  return bytes;
}

struct Vector {
  Bytes bytes;
  std::uint32_t crc;
};

// RFC 3720 appendix B.4, and the customary "123456789".
std::vector<Vector> published() {
  Bytes up(32);
  Bytes down(32);
  for (std::size_t i = 0; i < 32; ++i) {
    up[i] = static_cast<std::byte>(i);
    down[i] = static_cast<std::byte>(31 - i);
  }
  const Bytes command = from_hex(
                            "01c00000000000000000000000000000140000000000040000000014"
                            "000000182800000000000000"
                            "0200000000000000")
                            .value();
  const ByteView digits = as_bytes("123456789");
  return {{Bytes(32), 0x8a9136aa}, {Bytes(32, std::byte{0xff}), 0x62a8ab43},
          {up, 0x46dd794e},        {down, 0x113fdb5c},
          {command, 0xd9963a56},   {Bytes(digits.begin(), digits.end()), 0xe3069283}};
}

TEST(Crc32c, agrees_with_the_published_vectors_both_ways) {
  for (const Vector& vector : published()) {
    EXPECT_EQ(crc32c(vector.bytes), vector.crc);
    EXPECT_EQ(crc32c_portable(vector.bytes), vector.crc);
    if (crc32c_is_accelerated()) {
      EXPECT_EQ(crc32c_accelerated(vector.bytes), vector.crc);
    }
  }
}

TEST(Crc32c, both_implementations_agree_at_every_size_and_alignment) {
  if (!crc32c_is_accelerated()) GTEST_SKIP() << "no SSE4.2 here";
  const Bytes bytes = counting(30'000);
  const ByteView view(bytes);
  for (std::size_t size = 0; size < 1'200; ++size) {
    const ByteView part = view.subspan(size % 9, size);
    ASSERT_EQ(crc32c_accelerated(part, 7), crc32c_portable(part, 7)) << size;
  }
  for (std::size_t size = 12'280; size < 12'300; ++size) {
    ASSERT_EQ(crc32c_accelerated(view.first(size)), crc32c_portable(view.first(size))) << size;
  }
  EXPECT_EQ(crc32c_accelerated(view), crc32c_portable(view));
}

TEST(Crc32c, continues_from_a_seed) {
  const Bytes bytes = counting(20'000);
  const ByteView view(bytes);
  const std::uint32_t whole = crc32c(view);
  for (std::size_t cut : {0u, 1u, 8u, 383u, 384u, 12'288u, 20'000u}) {
    EXPECT_EQ(crc32c(view.subspan(cut), crc32c(view.first(cut))), whole) << cut;
  }
}

TEST(Crc32c, sees_every_single_flipped_bit) {
  Bytes bytes = counting(512);
  const std::uint32_t whole = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1u << (bit % 8));
    bytes[bit / 8] ^= mask;
    ASSERT_NE(crc32c(bytes), whole);
    bytes[bit / 8] ^= mask;
  }
}

TEST(Hash64, depends_on_bytes_and_seed) {
  const Bytes bytes = counting(16);
  EXPECT_EQ(hash64(bytes, 1), hash64(bytes, 1));
  EXPECT_NE(hash64(bytes, 1), hash64(bytes, 2));
  EXPECT_NE(hash64(bytes, 1), hash64(ByteView(bytes).first(15), 1));
  // XXH3's published value of the empty input.
  EXPECT_EQ(hash64({}, 0), 0x2d06800538d394c2u);
}

}  // namespace
}  // namespace keel
