// Receipts and proofs as JSON. What must hold for any text:
//   1. What is read as a proof is the same proof when it is written and read again.
//   2. A proof that holds does not hold with any one bit turned (a random one is tried), and
//   neither
//      does a receipt; what is refused is refused with a reason.
//   3. A proof whose root and checksum are put right for it holds, unless its numbers contradict
//   one
//      another: the checker accepts what it should.

#include "node/receipts/receipt.hpp"
#include "base/hash/crc32c.hpp"
#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "fuzz/fuzz_target.hpp"

namespace keel::fuzz {
namespace {

using journal::InclusionProof;
using journal::ProofDocument;

void turn_a_bit(ByteSpan bytes, Random& random) {
  if (bytes.empty()) return;
  bytes[random.up_to(bytes.size() - 1)] ^= static_cast<std::byte>(1u << random.up_to(7));
}

void check_altered(const InclusionProof& proof, Random& random) {
  InclusionProof altered = proof;
  switch (random.up_to(3)) {
    case 0:
      turn_a_bit(altered.group_header, random);
      break;
    case 1:
      turn_a_bit(altered.envelope, random);
      break;
    case 2:
      altered.payload.empty() ? void(++altered.index) : turn_a_bit(altered.payload, random);
      break;
    default:
      altered.path.empty() ? void(altered.path.emplace_back())
                           : turn_a_bit(altered.path.front(), random);
  }
  const auto proven = journal::check(altered);
  KEEL_ASSERT(!proven.ok() && !proven.error().detail().empty());
}

// One record alone: the root is its leaf.
void check_mended(InclusionProof proof, Random& random) {
  constexpr std::byte kLeaf{0};
  const auto put = [&](std::size_t offset, ByteView bytes) {
    std::ranges::copy(bytes, ByteSpan(proof.group_header).subspan(offset).begin());
  };
  if (proof.payload.size() + 96 > journal::kMaxGroupBytes) return;
  proof.path.clear();
  proof.index = 0;
  const std::array<std::uint32_t, 2> flags_and_count{0, 1};
  const std::uint64_t body = proof.payload.size() + 96;
  put(0, as_bytes("KEELGRP1"));
  put(8, std::as_bytes(std::span(flags_and_count)));
  put(56, ByteView(proof.envelope).first(8));
  put(88, object_bytes(body));
  std::ranges::fill(ByteSpan(proof.envelope).subspan(84), std::byte{0});
  std::ranges::fill(ByteSpan(proof.group_header).subspan(160), std::byte{0});
  put(128, sha256({ByteView(&kLeaf, 1), proof.envelope, proof.payload}));
  const std::uint32_t crc = crc32c(ByteView(proof.group_header).first(188));
  put(188, object_bytes(crc));
  KEEL_ASSERT(journal::check(proof).ok());
  check_altered(proof, random);
  // Its content may be anything: it is a bill, or it is refused.
  const auto bill = node::bill_of(proof);
  if (!bill.ok()) KEEL_ASSERT(!bill.error().to_string().empty());
}

void check_proof(const ProofDocument& document, Random& random) {
  const auto proof = journal::proof_of(document);
  if (!proof.ok()) {
    KEEL_ASSERT(!proof.error().detail().empty());
    return;
  }
  KEEL_ASSERT(journal::proof_of(journal::document_of(*proof)).value() == *proof);
  if (journal::check(*proof).ok()) check_altered(*proof, random);
  check_mended(*proof, random);
}

void check_receipt(node::Receipt receipt, Random& random) {
  check_proof(receipt.proof, random);
  const auto statement = node::check(receipt);
  if (!statement.ok()) {
    KEEL_ASSERT(!statement.error().detail().empty());
    return;
  }
  turn_a_bit(receipt.signature, random);
  KEEL_ASSERT(!node::check(receipt).ok());
}

}  // namespace
}  // namespace keel::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keel::fuzz;
  const keel::ByteView bytes = input_bytes(data, size);
  Random random(seed_of(bytes));
  const std::string text(keel::as_text(bytes));
  if (const auto receipt = keel::from_json<keel::node::Receipt>(text); receipt.ok())
    check_receipt(*receipt, random);
  if (const auto proof = keel::from_json<keel::journal::ProofDocument>(text); proof.ok())
    check_proof(*proof, random);
  return 0;
}
