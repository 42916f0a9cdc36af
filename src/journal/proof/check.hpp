// Whether an inclusion proof holds. Written from docs/journal-format.md (sections 4 and 5) and
// RFC 9162, section 2.1.3.2, and from nothing else: it shares no code with journal/format or with
// what makes proofs, but the hash functions.
//
// Thread: any. Bounds: those of its input.
#pragma once

#include <array>

#include "base/hash/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "journal/port.hpp"
#include "journal/proof/inclusion_proof.hpp"

namespace keel::journal {

// What a proof that holds shows.
struct Proven {
  std::array<std::byte, 16> journal_id{};
  CellId cell{};
  std::uint32_t segment_class = 0;
  std::uint64_t group_number = 0;
  std::uint64_t epoch = 0;
  std::uint32_t leaves = 0;
  Envelope envelope;
  Digest head{};  // what it hangs on; whether that is to be trusted is for the caller
};

// kBadProof says what does not fit.
Result<Proven> check(const InclusionProof& proof);

}  // namespace keel::journal
