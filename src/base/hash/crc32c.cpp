#include "base/hash/crc32c.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace keel {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41 with its bits reversed

// --- by table: eight bytes a step ("slicing by eight") ---
using Table = std::array<std::uint32_t, 256>;

// Table k says what a byte does to the checksum when k further bytes follow it.
consteval std::array<Table, 8> make_slices() {
  std::array<Table, 8> slices{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    slices[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = slices[k - 1][byte];
      slices[k][byte] = (before >> 8) ^ slices[0][before & 0xff];
    }
  }
  return slices;
}
constexpr std::array<Table, 8> kSlices = make_slices();

std::uint64_t load(ByteView bytes, std::size_t at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes.subspan(at).data(), sizeof(word));
  return word;
}

// --- three streams ---
//
// The instruction takes three cycles but one can start every cycle: three neighbouring blocks are
// summed at once, then joined. Joining needs the first sum "followed by n zero bytes", which is
// linear over GF(2): a product with a 32x32 bit matrix, kept as four tables of 256 entries. (The
// method: M. Adler, crc32c.c; Intel, "Fast CRC Computation for iSCSI Polynomial Using CRC32
// Instruction", 2011.)

using Matrix = std::array<std::uint32_t, 32>;  // column i: what bit i becomes
using Advance = std::array<Table, 4>;

constexpr std::uint32_t product(const Matrix& matrix, std::uint32_t vector) {
  std::uint32_t sum = 0;
  for (std::size_t bit = 0; bit < 32; ++bit) {
    if ((vector >> bit & 1) != 0) sum ^= matrix[bit];
  }
  return sum;
}

constexpr Matrix square(const Matrix& matrix) {
  Matrix squared{};
  for (std::size_t bit = 0; bit < 32; ++bit) squared[bit] = product(matrix, matrix[bit]);
  return squared;
}

// `zero_bytes` is a power of two.
consteval Advance make_advance(std::size_t zero_bytes) {
  Matrix matrix{};
  matrix[0] = kPolynomial;
  for (std::size_t bit = 1; bit < 32; ++bit) matrix[bit] = std::uint32_t{1} << (bit - 1);
  for (std::size_t bits = 1; bits < zero_bytes * 8; bits *= 2) matrix = square(matrix);
  Advance advance{};
  for (std::size_t lane = 0; lane < 4; ++lane) {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      advance[lane][byte] = product(matrix, byte << (8 * lane));
    }
  }
  return advance;
}

#if defined(__x86_64__)

constexpr std::size_t kLongBlock = 4096;
constexpr std::size_t kShortBlock = 128;
constexpr Advance kAdvanceLong = make_advance(kLongBlock);
constexpr Advance kAdvanceShort = make_advance(kShortBlock);

std::uint32_t advanced(const Advance& advance, std::uint32_t crc) noexcept {
  return advance[0][crc & 0xff] ^ advance[1][crc >> 8 & 0xff] ^ advance[2][crc >> 16 & 0xff] ^
         advance[3][crc >> 24];
}

// Sums whole triples of `block` bytes off the front of `bytes`.
[[gnu::target("sse4.2")]] std::uint32_t sum_triples(ByteView& bytes, std::uint32_t crc,
                                                    std::size_t block,
                                                    const Advance& advance) noexcept {
  while (bytes.size() >= 3 * block) {
    const ByteView first = bytes.first(block);
    const ByteView second = bytes.subspan(block, block);
    const ByteView third = bytes.subspan(2 * block, block);
    std::uint64_t a = crc;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    for (std::size_t at = 0; at < block; at += 8) {
      a = _mm_crc32_u64(a, load(first, at));
      b = _mm_crc32_u64(b, load(second, at));
      c = _mm_crc32_u64(c, load(third, at));
    }
    crc = advanced(advance, static_cast<std::uint32_t>(a)) ^ static_cast<std::uint32_t>(b);
    crc = advanced(advance, crc) ^ static_cast<std::uint32_t>(c);
    bytes = bytes.subspan(3 * block);
  }
  return crc;
}

#endif

}  // namespace

std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t seed) noexcept {
  std::uint32_t crc = ~seed;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    const std::uint64_t word = load(bytes, 0) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= kSlices[7 - k][word >> (8 * k) & 0xff];
  }
  for (std::byte byte : bytes) {
    crc = (crc >> 8) ^ kSlices[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  }
  return ~crc;
}

#if defined(__x86_64__)

[[gnu::target("sse4.2")]] std::uint32_t crc32c_accelerated(ByteView bytes,
                                                           std::uint32_t seed) noexcept {
  std::uint32_t crc = ~seed;
  crc = sum_triples(bytes, crc, kLongBlock, kAdvanceLong);
  crc = sum_triples(bytes, crc, kShortBlock, kAdvanceShort);
  std::uint64_t sum = crc;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) sum = _mm_crc32_u64(sum, load(bytes, 0));
  crc = static_cast<std::uint32_t>(sum);
  for (std::byte byte : bytes) crc = _mm_crc32_u8(crc, std::to_integer<std::uint8_t>(byte));
  return ~crc;
}

bool crc32c_is_accelerated() noexcept {
  return __builtin_cpu_supports("sse4.2") != 0;
}

#else

std::uint32_t crc32c_accelerated(ByteView bytes, std::uint32_t seed) noexcept {
  return crc32c_portable(bytes, seed);
}

bool crc32c_is_accelerated() noexcept {
  return false;
}

#endif

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) noexcept {
  static const auto chosen = crc32c_is_accelerated() ? crc32c_accelerated : crc32c_portable;
  return chosen(bytes, seed);
}

}  // namespace keel
