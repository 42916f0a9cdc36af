#include "journal/merkle.hpp"

namespace keel::journal {

Digest merkle_node(const Digest& left, const Digest& right) {
  std::array<std::byte, 1 + 2 * sizeof(Digest)> bytes;
  bytes.front() = kNodePrefix;
  std::ranges::copy(left, bytes.begin() + 1);
  std::ranges::copy(right, bytes.begin() + 1 + sizeof(Digest));
  return sha256(bytes);
}

Digest merkle_root_in_place(std::span<Digest> leaves) {
  if (leaves.empty()) return sha256(ByteView());
  // Pairing neighbours level by level, with an odd one moved up as it is, gives the RFC's tree.
  while (leaves.size() > 1) {
    const std::size_t pairs = leaves.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i) {
      leaves[i] = merkle_node(leaves[2 * i], leaves[2 * i + 1]);
    }
    if (leaves.size() % 2 != 0) leaves[pairs] = leaves.back();
    leaves = leaves.first(pairs + leaves.size() % 2);
  }
  return leaves.front();
}

void MerkleStack::add(const Digest& leaf) {
  Digest carry = leaf;
  std::size_t level = 0;
  for (; (count_ >> level & 1) != 0; ++level) carry = merkle_node(complete_.at(level), carry);
  complete_.at(level) = carry;
  ++count_;
}

Digest MerkleStack::finish() {
  if (count_ == 0) return sha256(ByteView());
  auto level = static_cast<std::size_t>(std::countr_zero(count_));
  Digest root = complete_.at(level);
  for (++level; count_ >> level != 0; ++level) {
    if ((count_ >> level & 1) != 0) root = merkle_node(complete_.at(level), root);
  }
  count_ = 0;
  return root;
}

}  // namespace keel::journal
