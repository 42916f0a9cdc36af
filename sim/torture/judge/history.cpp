#include "sim/torture/judge/history.hpp"

#include <fmt/core.h>

#include "base/hash/sha256.hpp"

namespace keel::torture {

namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::size_t kHeader = 192;
constexpr std::size_t kFrame = 8;
constexpr std::size_t kEnvelope = 88;

template <StoredInteger T>
T at(ByteView bytes, std::size_t offset) {
  return ByteReader(bytes.subspan(offset)).read<T>().value();
}

// Castagnoli, bit by bit: slow, and nobody else's.
std::uint32_t checksum(std::initializer_list<ByteView> pieces) {
  static constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) * 0x82f63b78u);
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t crc = ~0u;
  for (const ByteView piece : pieces) {
    for (const std::byte byte : piece) {
      crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint32_t>(byte)) & 0xff];
    }
  }
  return ~crc;
}

Digest merkle(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256(ByteView{});
  if (leaves.size() == 1) return leaves.front();
  std::size_t left = 1;
  while (left * 2 < leaves.size()) left *= 2;
  constexpr std::array kNode{std::byte{1}};
  return sha256({kNode, merkle(leaves.first(left)), merkle(leaves.subspan(left))});
}

bool is_magic(ByteView bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && as_text(bytes.first(magic.size())) == magic;
}

class Reader {
 public:
  History history;

  // Where the group ends; 0: there is none, or what is there is not one.
  std::size_t group(ByteView bytes, const std::string& place) {
    if (!is_magic(bytes, "KEELGRP1")) return 0;
    const ByteView header = bytes.first(kHeader);
    if (at<std::uint32_t>(header, 188) != checksum({header.first(188)})) {
      return wrong(place, "the header's CRC");
    }
    if (at<std::uint64_t>(header, 48) != groups_ + 1) return wrong(place, "the group's number");
    if (at<std::uint64_t>(header, 56) != history.entries.size() + 1) {
      return wrong(place, "the first sequence");
    }
    if (!std::ranges::equal(header.subspan(96, 32), previous_)) {
      return wrong(place, "the hash of the header before");
    }
    const std::uint64_t body = at<std::uint64_t>(header, 88);
    if (body > bytes.size() - kHeader) return wrong(place, "its length");
    std::vector<Digest> leaves;
    if (!records(bytes.subspan(kHeader, body), at<std::uint32_t>(header, 12), leaves)) {
      return wrong(place, "its records");
    }
    if (!std::ranges::equal(header.subspan(128, 32), merkle(leaves))) {
      return wrong(place, "the Merkle root");
    }
    previous_ = sha256(header);
    history.heads.push_back(previous_);
    ++groups_;
    return (kHeader + body + kBlock - 1) / kBlock * kBlock;
  }

  void segment(const std::string& name, ByteView bytes) {
    if (!is_magic(bytes, "KEELSEG1")) return;  // the spare one
    const ByteView header = bytes.first(kHeader);
    if (at<std::uint32_t>(header, 188) != checksum({header.first(188)})) {
      wrong(name, "the segment header's CRC");
      return;
    }
    if (!std::ranges::equal(header.subspan(96, 32), previous_)) {
      wrong(name, "the segment's hash of the header before");
      return;
    }
    const Digest before = std::exchange(previous_, sha256(header));
    std::size_t offset = kBlock;
    while (offset < bytes.size() && history.problems.empty()) {
      const std::size_t length =
          group(bytes.subspan(offset), name + " at " + std::to_string(offset));
      if (length == 0) break;
      offset += length;
    }
    if (offset == kBlock) previous_ = before;  // a header whose group was dropped
  }

 private:
  std::size_t wrong(const std::string& place, std::string_view what) {
    history.problems.push_back(fmt::format("{}: {} is wrong", place, what));
    return 0;
  }

  bool records(ByteView body, std::uint32_t count, std::vector<Digest>& leaves) {
    constexpr std::array kLeaf{std::byte{0}};
    for (std::uint32_t i = 0; i < count; ++i) {
      if (body.size() < kFrame + kEnvelope) return false;
      const std::size_t size = at<std::uint32_t>(body, 4);
      const std::size_t padded = (kFrame + kEnvelope + size + 7) / 8 * 8;
      if (padded > body.size()) return false;
      const ByteView content = body.subspan(kFrame, kEnvelope + size);
      if (at<std::uint32_t>(body, 0) != checksum({content, body.subspan(4, 4)})) return false;
      leaves.push_back(sha256({kLeaf, content}));
      if (!record(content.first(kEnvelope), content.subspan(kEnvelope))) return false;
      body = body.subspan(padded);
    }
    return body.empty();
  }

  bool record(ByteView envelope, ByteView payload) {
    Entry entry{.position = Position(at<std::uint64_t>(envelope, 0)),
                .time = Timestamp{at<std::int64_t>(envelope, 8)},
                .tenant = TenantId(at<std::uint32_t>(envelope, 16)),
                .type = at<std::uint32_t>(envelope, 20),
                .principal = PrincipalId(at<std::uint64_t>(envelope, 24)),
                .command = CommandId(at<uint128>(envelope, 32)),
                .schema_version = at<std::uint16_t>(envelope, 80),
                .row_bytes = at<std::uint16_t>(envelope, 82),
                .payload = Bytes(payload.begin(), payload.end())};
    if (entry.position.value() != history.entries.size() + 1) return false;
    if (!history.entries.empty() && entry.time < history.entries.back().time) return false;
    history.entries.push_back(std::move(entry));
    return true;
  }

  std::uint64_t groups_ = 0;
  Digest previous_{};
};

}  // namespace

History read_segments(const std::map<std::string, Bytes>& segments) {
  Reader reader;
  for (const auto& [name, bytes] : segments) {
    if (!reader.history.problems.empty()) break;
    reader.segment(name, bytes);
  }
  return std::move(reader.history);
}

History read_groups(const std::vector<Bytes>& groups) {
  Reader reader;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string place = "group " + std::to_string(i + 1);
    if (reader.group(groups[i], place) == 0) {
      if (reader.history.problems.empty()) reader.history.problems.push_back(place + " is none");
      break;
    }
  }
  return std::move(reader.history);
}

}  // namespace keel::torture
