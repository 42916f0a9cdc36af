#include "journal/proof/proof_document.hpp"

#include <algorithm>

#include "journal/errors.hpp"

namespace keel::journal {
namespace {

constexpr std::size_t kMaxPath = 32;

// One spelling for each value: lower case.
Result<Bytes> read_hex(std::string_view field, std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes.ok() || to_hex(*bytes) != text) {
    return Error(kBadProofDocument,
                 std::string(field) + ": expected lower-case hexadecimal digits");
  }
  return bytes;
}

template <std::size_t Size>
Result<> read_hex(std::string_view field, std::string_view text,
                  std::array<std::byte, Size>& into) {
  const Bytes bytes = KEEL_TRY(read_hex(field, text));
  if (bytes.size() != Size) {
    return Error(kBadProofDocument, std::string(field) + ": " + std::to_string(bytes.size()) +
                                        " bytes, expected " + std::to_string(Size));
  }
  std::ranges::copy(bytes, into.begin());
  return success();
}

}  // namespace

ProofDocument document_of(const InclusionProof& proof) {
  ProofDocument document;
  document.group_header = to_hex(proof.group_header);
  const auto header = decode_group_header(proof.group_header);
  document.leaves = header ? header->record_count : 0;
  document.index = proof.index;
  document.envelope = to_hex(proof.envelope);
  document.payload = to_hex(proof.payload);
  for (const Digest& digest : proof.path) document.path.push_back(to_hex(digest));
  document.head = to_hex(proof.head());
  return document;
}

Result<InclusionProof> proof_of(const ProofDocument& document) {
  InclusionProof proof;
  KEEL_TRY(read_hex("group_header", document.group_header, proof.group_header));
  KEEL_TRY(read_hex("envelope", document.envelope, proof.envelope));
  if (document.payload.size() > 2 * kMaxGroupBytes) {
    return Error(kBadProofDocument, "payload: longer than a group");
  }
  proof.payload = KEEL_TRY(read_hex("payload", document.payload));
  proof.index = document.index;
  if (document.path.size() > kMaxPath) {
    return Error(kBadProofDocument, "path: more than 32 digests");
  }
  for (const std::string& text : document.path) {
    KEEL_TRY(read_hex("path", text, proof.path.emplace_back()));
  }
  Digest head;
  KEEL_TRY(read_hex("head", document.head, head));
  if (head != proof.head()) {
    return Error(kBadProofDocument, "head: not the SHA-256 of group_header");
  }
  const auto header = decode_group_header(proof.group_header);
  if (!header || header->record_count != document.leaves) {
    return Error(kBadProofDocument, "leaves: not the number of records that group_header has");
  }
  return proof;
}

}  // namespace keel::journal
