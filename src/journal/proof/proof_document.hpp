// ProofDocument: an inclusion proof as JSON, which other programs read (docs/receipts.md). Bytes
// are lower-case hexadecimal digits.
#pragma once

#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "base/result.hpp"
#include "journal/proof/inclusion_proof.hpp"

namespace keel::journal {

struct ProofDocument {
  std::string group_header;
  std::uint32_t leaves = 0;
  std::uint32_t index = 0;
  std::string envelope;
  std::string payload;
  std::vector<std::string> path;
  std::string head;

  static constexpr auto description() {
    return describe<ProofDocument>(
        "keel.journal.Proof", doc("That a record is in the chain of a journal."),
        field<1>("group_header", &ProofDocument::group_header, required(),
                 doc("192 bytes as stored.")),
        field<2>("leaves", &ProofDocument::leaves, required(), doc("Records of the group.")),
        field<3>("index", &ProofDocument::index, doc("Of the record in its group, from 0.")),
        field<4>("envelope", &ProofDocument::envelope, required(), doc("88 bytes as stored.")),
        field<5>("payload", &ProofDocument::payload, doc("The record's content.")),
        field<6>("path", &ProofDocument::path,
                 doc("The audit path, RFC 6962: from the record's neighbour upwards.")),
        field<7>("head", &ProofDocument::head, required(),
                 doc("The chain head: SHA-256 of group_header.")));
  }
};

ProofDocument document_of(const InclusionProof& proof);

// The proof, whether it holds or not. kBadProofDocument: sizes or digits are wrong, or leaves and
// head are not those of the header.
Result<InclusionProof> proof_of(const ProofDocument& document);

}  // namespace keel::journal
