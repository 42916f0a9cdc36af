// The constants and structs of snapshot files; docs/snapshot-format.md is the description.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash/digest.hpp"

namespace keel::engine {

inline constexpr std::array<char, 8> kSnapshotMagic{'K', 'E', 'E', 'L', 'S', 'N', 'A', 'P'};
inline constexpr std::uint32_t kSnapshotFormatVersion = 3;
inline constexpr std::size_t kSnapshotFrameLimit = std::size_t{4} << 20;

enum class SnapshotFrame : std::uint32_t {
  header = 1,  // SnapshotHeader; the first frame, once
  tables = 2,  // a piece of the stream of tables
  footer = 4,  // SnapshotFooter; the last frame, once
};

// Stands before the payload of every frame.
struct SnapshotFrameHead {
  std::uint32_t kind;           // SnapshotFrame
  std::uint32_t payload_bytes;  // at most kSnapshotFrameLimit
  std::uint64_t number;         // of the frame, from 0
  std::uint32_t crc;            // CRC32C over this head, with crc as zero, and the payload
  std::uint32_t reserved;       // zero
};
static_assert(sizeof(SnapshotFrameHead) == 24);

struct SnapshotHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t reserved;  // zero
  std::uint64_t position;  // the state is that after this record of the journal
  std::int64_t time_ns;    // cell time of that record
};
static_assert(sizeof(SnapshotHeader) == 32);

struct SnapshotFooter {
  Digest digest;  // SHA-256 over everything before this frame
};

}  // namespace keel::engine
