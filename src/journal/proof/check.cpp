#include "journal/proof/check.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/hash/crc32c.hpp"
#include "base/hash/sha256.hpp"
#include "journal/errors.hpp"

namespace keel::journal {
namespace {

// Places in a group header and in an envelope, as the document has them.
constexpr std::size_t kHeaderCrc = 188;
constexpr std::size_t kHeaderZero = 160;
constexpr std::size_t kHeaderRoot = 128;
constexpr std::uint64_t kMostGroupBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kRecordOverhead = 96;

template <typename T>
T read_at(ByteView bytes, std::size_t offset) {
  return ByteReader(bytes.subspan(offset)).read<T>().value();
}

Digest digest_at(ByteView bytes, std::size_t offset) {
  Digest digest;
  std::ranges::copy(bytes.subspan(offset, digest.size()), digest.begin());
  return digest;
}

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

Error does_not_hold(std::string why) {
  return Error(kBadProof, std::move(why));
}

Result<> check_header(ByteView header, std::size_t payload_bytes) {
  if (as_text(header.first(8)) != "KEELGRP1") return does_not_hold("this is no group header");
  const auto crc = read_at<std::uint32_t>(header, kHeaderCrc);
  if (crc32c(header.first(kHeaderCrc)) != crc || !all_zero(header.subspan(kHeaderZero, 28))) {
    return does_not_hold("the group header's checksum or zero field is wrong");
  }
  const auto flags = read_at<std::uint32_t>(header, 8);
  const auto records = read_at<std::uint32_t>(header, 12);
  if ((flags & ~2u) != 0 || records == 0) return does_not_hold("the group holds no records");
  const auto body = read_at<std::uint64_t>(header, 88);
  if (body > kMostGroupBytes || body < kRecordOverhead * records + payload_bytes) {
    return does_not_hold("the record does not fit into the group");
  }
  return success();
}

Envelope read_envelope(ByteView bytes) {
  return {.sequence = Position(read_at<std::uint64_t>(bytes, 0)),
          .time = {read_at<std::int64_t>(bytes, 8)},
          .tenant = TenantId(read_at<std::uint32_t>(bytes, 16)),
          .principal = PrincipalId(read_at<std::uint64_t>(bytes, 24)),
          .command = CommandId(read_at<uint128>(bytes, 32)),
          .correlation = CorrelationId(read_at<uint128>(bytes, 48)),
          .causation = CausationId(read_at<uint128>(bytes, 64)),
          .type = read_at<std::uint32_t>(bytes, 20),
          .schema_version = read_at<std::uint16_t>(bytes, 80),
          .row_bytes = read_at<std::uint16_t>(bytes, 82)};
}

// The root that a leaf and its path lead to, in a tree of so many leaves; nothing: the path has
// another length than the tree gives it. RFC 9162, 2.1.3.2, where these are fn and sn.
std::optional<Digest> root_from(Digest node, std::uint32_t index, std::uint32_t leaves,
                                std::span<const Digest> path) {
  constexpr std::byte kInner{1};
  std::uint32_t at = index;
  std::uint32_t last = leaves - 1;
  for (const Digest& sibling : path) {
    if (last == 0) return std::nullopt;
    if ((at & 1) != 0 || at == last) {
      node = sha256({ByteView(&kInner, 1), sibling, node});
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      node = sha256({ByteView(&kInner, 1), node, sibling});
    }
    at >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return node;
}

}  // namespace

Result<Proven> check(const InclusionProof& proof) {
  const ByteView header = proof.group_header;
  const ByteView envelope = proof.envelope;
  KEEL_TRY(check_header(header, proof.payload.size()));
  const auto leaves = read_at<std::uint32_t>(header, 12);
  const auto first = read_at<std::uint64_t>(header, 56);
  const auto sequence = read_at<std::uint64_t>(envelope, 0);
  if (proof.index >= leaves || sequence < first || sequence - first != proof.index) {
    return does_not_hold(fmt::format("record {} of a group of {} from position {} on is not {}",
                                     proof.index, leaves, first, sequence));
  }
  if (!all_zero(envelope.subspan(84, 4))) {
    return does_not_hold("the envelope's zero field is not zero");
  }
  constexpr std::byte kLeaf{0};
  const Digest leaf = sha256({ByteView(&kLeaf, 1), envelope, proof.payload});
  const auto root = root_from(leaf, proof.index, leaves, proof.path);
  if (!root || *root != digest_at(header, kHeaderRoot)) {
    return does_not_hold("record and path do not lead to the group's Merkle root");
  }
  Proven proven{.cell = CellId(read_at<std::uint32_t>(header, 32)),
                .segment_class = read_at<std::uint32_t>(header, 36),
                .group_number = read_at<std::uint64_t>(header, 48),
                .epoch = read_at<std::uint64_t>(header, 64),
                .leaves = leaves,
                .envelope = read_envelope(envelope),
                .head = sha256(header)};
  std::ranges::copy(header.subspan(16, 16), proven.journal_id.begin());
  return proven;
}

}  // namespace keel::journal
