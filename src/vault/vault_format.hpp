// The files of a vault, as docs/vault.md describes them. Little-endian, without padding.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "kernel/personal.hpp"

namespace keel::vault {

inline constexpr std::string_view kMasterFile = "master.key";
inline constexpr std::string_view kLockFile = "lock";
// Two copies of the same blocks, written one after the other.
inline constexpr std::array<std::string_view, 2> kKeyFiles{"subjects.a.keys", "subjects.b.keys"};

inline constexpr std::uint64_t kMasterMagic = 0x3154'534d'4c45'454bULL;  // "KEELMST1"
inline constexpr std::uint64_t kBlockMagic = 0x3159'454b'4c45'454bULL;   // "KEELKEY1"
inline constexpr std::uint32_t kFormatVersion = 1;

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 24;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kBlockBytes = 4096;
inline constexpr std::size_t kSlotsABlock = 36;

using VaultId = std::array<std::byte, 16>;
using WrappedKey = std::array<std::byte, kKeyBytes + kTagBytes>;

struct MasterRecord {
  std::uint64_t magic = kMasterMagic;
  std::uint32_t version = kFormatVersion;
  std::uint32_t crc = 0;  // CRC32C of this record with zero here
  VaultId vault{};
  std::array<std::byte, kKeyBytes> key{};
};
static_assert(sizeof(MasterRecord) == 64);

// States only rise: when the copies of a block differ, the higher one of each slot is right.
enum class SlotState : std::uint32_t { empty = 0, key = 1, erased = 2 };

struct Slot {
  SlotState state = SlotState::empty;
  std::uint32_t tenant = 0;
  std::uint64_t zero = 0;
  uint128 subject = 0;
  std::array<std::byte, kNonceBytes> nonce{};  // zero when erased
  WrappedKey wrapped{};                        // zero when erased
  std::uint64_t zero_too = 0;

  kernel::Subject whose() const { return {TenantId(tenant), kernel::SubjectId(subject)}; }
};
static_assert(sizeof(Slot) == 112);

struct Block {
  std::uint64_t magic = kBlockMagic;
  std::uint32_t version = kFormatVersion;
  std::uint32_t crc = 0;  // CRC32C of this block with zero here
  std::uint64_t number = 0;
  VaultId vault{};
  std::array<std::byte, 24> zero{};
  std::array<Slot, kSlotsABlock> slots{};
};
static_assert(sizeof(Block) == kBlockBytes);

}  // namespace keel::vault
