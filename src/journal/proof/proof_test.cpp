#include <gtest/gtest.h>

#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "journal/errors.hpp"
#include "journal/merkle.hpp"
#include "journal/proof/check.hpp"
#include "journal/proof/proof_document.hpp"

namespace keel::journal {
namespace {

// The leaves and digests that the Certificate Transparency project publishes for RFC 6962.
const std::vector<std::string> kPublishedLeaves = {"",
                                                   "00",
                                                   "10",
                                                   "2021",
                                                   "3031",
                                                   "40414243",
                                                   "5051525354555657",
                                                   "606162636465666768696a6b6c6d6e6f"};

Digest leaf_of(ByteView content) {
  return sha256({ByteView(&kLeafPrefix, 1), content});
}

std::vector<std::string> path_in_hex(std::size_t index, std::size_t leaves) {
  std::vector<Digest> digests;
  for (std::size_t i = 0; i < leaves; ++i)
    digests.push_back(leaf_of(from_hex(kPublishedLeaves.at(i)).value()));
  std::vector<std::string> path;
  for (const Digest& digest : audit_path(digests, index)) path.push_back(to_hex(digest));
  return path;
}

TEST(AuditPath, is_that_of_the_published_vectors) {
  EXPECT_TRUE(path_in_hex(0, 1).empty());
  const std::vector<std::string> of_eight = {
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
  EXPECT_EQ(path_in_hex(0, 8), of_eight);
  const std::vector<std::string> of_three = {
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"};
  EXPECT_EQ(path_in_hex(2, 3), of_three);
}

constexpr std::uint64_t kFirst = 1'000;
constexpr std::size_t kPayloadBytes = 24;

std::array<std::byte, kEnvelopeBytes> envelope_at(std::uint64_t sequence) {
  std::array<std::byte, kEnvelopeBytes> bytes;
  encode(Envelope{.sequence = Position(sequence), .tenant = TenantId(3), .type = 0x40007}, bytes);
  return bytes;
}

Bytes payload_at(std::uint64_t sequence) {
  Bytes bytes(kPayloadBytes);
  ByteWriter(bytes).write(sequence * 0x9e3779b97f4a7c15ULL);
  return bytes;
}

// A group of so many records, as far as a proof sees it.
std::vector<InclusionProof> all_proofs(std::uint32_t records) {
  std::vector<Digest> leaves;
  for (std::uint32_t i = 0; i < records; ++i) {
    leaves.push_back(
        sha256({ByteView(&kLeafPrefix, 1), envelope_at(kFirst + i), payload_at(kFirst + i)}));
  }
  std::vector<Digest> scratch = leaves;
  const GroupHeader header{.record_count = records,
                           .segment_index = 1,
                           .group_number = 9,
                           .first_sequence = Position(kFirst),
                           .epoch = 1,
                           .file_offset = 8192,
                           .body_bytes = records * (kRecordHeaderBytes + kPayloadBytes),
                           .merkle_root = merkle_root_in_place(scratch)};
  std::vector<InclusionProof> proofs;
  for (std::uint32_t i = 0; i < records; ++i) {
    InclusionProof& proof = proofs.emplace_back();
    encode(header, proof.group_header);
    proof.index = i;
    proof.envelope = envelope_at(kFirst + i);
    proof.payload = payload_at(kFirst + i);
    proof.path = audit_path(leaves, i);
  }
  return proofs;
}

TEST(InclusionProof, holds_for_every_record_of_groups_of_every_size) {
  for (std::uint32_t records = 1; records <= 130; ++records) {
    for (const InclusionProof& proof : all_proofs(records)) {
      const auto proven = check(proof);
      ASSERT_TRUE(proven.ok()) << proof.index << " of " << records << ": "
                               << proven.error().to_string();
      EXPECT_EQ(proven->envelope.sequence, Position(kFirst + proof.index));
      EXPECT_EQ(proven->leaves, records);
      EXPECT_EQ(proven->head, sha256(proof.group_header));
    }
  }
}

TEST(InclusionProof, of_another_record_of_the_group_does_not_hold) {
  for (const std::uint32_t records : {2u, 3u, 5u, 8u, 13u, 64u, 65u}) {
    const std::vector<InclusionProof> proofs = all_proofs(records);
    for (std::uint32_t i = 0; i < records; ++i) {
      InclusionProof proof = proofs.at(i);
      proof.path = proofs.at((i + 1) % records).path;
      // The last two of an odd number have paths of different lengths, others of different digests.
      EXPECT_TRUE(check(proof).error().is(kBadProof)) << i << " of " << records;
      proof = proofs.at(i);
      proof.index = (i + 1) % records;
      EXPECT_TRUE(check(proof).error().is(kBadProof)) << i << " of " << records;
    }
  }
}

void expect_no_bit_may_differ(const InclusionProof& good) {
  const auto expect_refused = [](const InclusionProof& bad, std::size_t bit) {
    EXPECT_TRUE(!check(bad).ok() && check(bad).error().is(kBadProof)) << "bit " << bit;
  };
  const auto flip_each = [&](auto select, std::size_t bytes) {
    for (std::size_t bit = 0; bit < 8 * bytes; ++bit) {
      InclusionProof bad = good;
      select(bad)[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      expect_refused(bad, bit);
    }
  };
  flip_each([](InclusionProof& p) { return ByteSpan(p.group_header); }, kGroupHeaderBytes);
  flip_each([](InclusionProof& p) { return ByteSpan(p.envelope); }, kEnvelopeBytes);
  flip_each([](InclusionProof& p) { return ByteSpan(p.payload); }, good.payload.size());
  for (std::size_t i = 0; i < good.path.size(); ++i)
    flip_each([i](InclusionProof& p) { return ByteSpan(p.path[i]); }, sizeof(Digest));
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    InclusionProof bad = good;
    bad.index ^= 1u << bit;
    expect_refused(bad, bit);
  }
}

TEST(InclusionProof, no_bit_of_it_may_differ) {
  for (const std::uint32_t records : {1u, 2u, 6u, 7u, 8u}) {
    for (const InclusionProof& proof : all_proofs(records)) expect_no_bit_may_differ(proof);
  }
}

TEST(InclusionProof, a_path_that_is_too_short_or_too_long_does_not_hold) {
  for (InclusionProof proof : all_proofs(6)) {
    proof.path.push_back(proof.path.back());
    EXPECT_TRUE(check(proof).error().is(kBadProof));
    proof.path.pop_back();
    proof.path.pop_back();
    EXPECT_TRUE(check(proof).error().is(kBadProof));
    proof.path.clear();
    EXPECT_TRUE(check(proof).error().is(kBadProof));
    proof.payload.push_back(std::byte{0});
    EXPECT_TRUE(check(proof).error().is(kBadProof));
  }
}

TEST(InclusionProof, an_inner_node_is_not_taken_for_a_record) {
  // With the two children of a node as its content, a record would have the node's hash, were it
  // not for the prefixes.
  InclusionProof proof = all_proofs(2).front();
  const Digest left = sha256({ByteView(&kLeafPrefix, 1), proof.envelope, proof.payload});
  proof.payload.assign(left.begin(), left.end());
  proof.payload.insert(proof.payload.end(), proof.path[0].begin(), proof.path[0].end());
  proof.path.clear();
  EXPECT_TRUE(check(proof).error().is(kBadProof));
}

TEST(ProofDocument, gives_the_proof_back) {
  for (const InclusionProof& proof : all_proofs(11)) {
    std::string text;
    to_json(document_of(proof), text);
    EXPECT_EQ(proof_of(from_json<ProofDocument>(text).value()).value(), proof);
  }
}

TEST(ProofDocument, with_a_value_of_another_size_or_spelling_is_refused) {
  const ProofDocument good = document_of(all_proofs(5).at(2));
  const auto refused = [&](auto change) {
    ProofDocument bad = good;
    change(bad);
    const auto proof = proof_of(bad);
    return !proof.ok() && proof.error().is(kBadProofDocument);
  };
  EXPECT_TRUE(refused([](ProofDocument& d) { d.group_header.resize(382); }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.envelope += "00"; }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.payload += "0"; }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.payload = "AB"; }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.path.assign(33, d.head); }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.path[0] += "00"; }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.head = d.path[0]; }));
  EXPECT_TRUE(refused([](ProofDocument& d) { d.leaves = 6; }));
}

}  // namespace
}  // namespace keel::journal
