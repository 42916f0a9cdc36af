// StateHash: one digest of the state of a cell, to compare a live cell with its replay, a snapshot
// and its tail, and two runs with other hash keys.
//
// It is SHA-256 over the same canonical bytes that a snapshot of the same tables holds (see
// snapshot.hpp): of every table its header, then its rows in the table's own order; of append-only
// tables the digest of their older rows and the rest (table/history_base.hpp). The order is
// part of the state, because for_each() shows it to modules; it depends on nothing but the changes
// that were not taken back. SHA-256 rather than a faster hash: the digest is stored and compared
// between versions and machines.
#pragma once

#include <array>
#include <span>

#include "base/bytes.hpp"
#include "base/hash/digest.hpp"
#include "base/hash/sha256.hpp"

namespace keel::kernel {

class TableBase;

class StateHash {
 public:
  // Small pieces are gathered, so that a call costs a copy.
  void update(ByteView bytes);
  [[nodiscard]] Digest finish();

 private:
  static constexpr std::size_t kGathered = 4096;

  Sha256 sha256_;
  std::array<std::byte, kGathered> gathered_;
  std::size_t size_ = 0;
};

// The digest of the tables, in the order given.
[[nodiscard]] Digest state_digest(std::span<TableBase* const> tables);

}  // namespace keel::kernel
