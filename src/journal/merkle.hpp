// The Merkle tree hash of a group's records (RFC 6962, section 2.1), two ways: in place over leaves
// that are kept (the writer, which may take records back), and as the leaves come (readers, in
// bounded memory). Both give the same root.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/hash/digest.hpp"
#include "base/hash/sha256.hpp"

namespace keel::journal {

inline constexpr std::byte kLeafPrefix{0};
inline constexpr std::byte kNodePrefix{1};

Digest merkle_node(const Digest& left, const Digest& right);

// Overwrites the leaves. Of none: SHA-256 of nothing.
Digest merkle_root_in_place(std::span<Digest> leaves);

// Bound: one digest a level, for up to 2^32 leaves.
class MerkleStack {
 public:
  void add(const Digest& leaf);
  // The root of what was added; begins anew.
  Digest finish();

 private:
  std::array<Digest, 33> complete_{};  // [l]: root of a full subtree of 2^l leaves
  std::uint64_t count_ = 0;            // bit l: complete_[l] is in use
};

}  // namespace keel::journal
