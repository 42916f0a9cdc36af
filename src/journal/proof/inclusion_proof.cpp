#include "journal/proof/inclusion_proof.hpp"

#include <algorithm>
#include <bit>

#include "base/hash/sha256.hpp"
#include "journal/chain.hpp"
#include "journal/merkle.hpp"

namespace keel::journal {
namespace {

Digest root_of(std::span<const Digest> leaves) {
  MerkleStack stack;
  for (const Digest& leaf : leaves) stack.add(leaf);
  return stack.finish();
}

}  // namespace

Digest InclusionProof::head() const {
  return sha256(group_header);
}

std::vector<Digest> audit_path(std::span<const Digest> leaves, std::size_t index) {
  KEEL_ASSERT(index < leaves.size());
  std::vector<Digest> path;
  while (leaves.size() > 1) {
    // The left subtree holds the largest power of two below the number of leaves.
    const std::size_t left = std::bit_floor(leaves.size() - 1);
    if (index < left) {
      path.push_back(root_of(leaves.subspan(left)));
      leaves = leaves.first(left);
    } else {
      path.push_back(root_of(leaves.first(left)));
      leaves = leaves.subspan(left);
      index -= left;
    }
  }
  std::ranges::reverse(path);
  return path;
}

std::optional<InclusionProof> prove(ByteView group, Position position) {
  const std::optional<GroupHeader> header = decode_group_header(group);
  if (!header || position < header->first_sequence || position > header->last_sequence()) {
    return std::nullopt;
  }
  InclusionProof proof;
  proof.index = static_cast<std::uint32_t>(position.value() - header->first_sequence.value());
  std::ranges::copy(group.first(kGroupHeaderBytes), proof.group_header.begin());
  std::vector<Digest> leaves;
  leaves.reserve(header->record_count);
  GroupRecords records(*header, group);
  while (const std::optional<StoredRecord> record = records.next_stored()) {
    leaves.push_back(sha256({ByteView(&kLeafPrefix, 1), record->envelope, record->payload}));
    if (leaves.size() != std::size_t{proof.index} + 1) continue;
    std::ranges::copy(record->envelope, proof.envelope.begin());
    proof.payload.assign(record->payload.begin(), record->payload.end());
  }
  proof.path = audit_path(leaves, proof.index);
  return proof;
}

}  // namespace keel::journal
