// InclusionProof: one record of a journal and what shows that a chain head commits to it: the
// group's header as stored and the record's Merkle audit path (RFC 6962, section 2.1.1).
// docs/journal-format.md, section 4, is the tree; docs/receipts.md is how to check a proof.
//
// Bounds: a payload of at most kMaxGroupBytes, at most 32 digests. Thread: any.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/hash/digest.hpp"
#include "journal/format.hpp"

namespace keel::journal {

struct InclusionProof {
  std::array<std::byte, kGroupHeaderBytes> group_header{};
  std::uint32_t index = 0;  // of the record in its group; the header has the number of records
  std::array<std::byte, kEnvelopeBytes> envelope{};
  Bytes payload;
  std::vector<Digest> path;  // from the record's neighbour up to a child of the root

  // The chain head that the proof leads to.
  Digest head() const;

  friend bool operator==(const InclusionProof&, const InclusionProof&) = default;
};

// The audit path of leaf `index`, which is one of them.
std::vector<Digest> audit_path(std::span<const Digest> leaves, std::size_t index);

// The proof of the record at `position`, from the whole blocks of a group that was checked.
// Nothing: the group does not hold it.
std::optional<InclusionProof> prove(ByteView group, Position position);

}  // namespace keel::journal
