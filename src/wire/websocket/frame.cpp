#include "wire/websocket/frame.hpp"

#include <algorithm>

#include "wire/websocket/errors.hpp"

namespace keel::websocket {
namespace {

constexpr unsigned kFinal = 0x80;
constexpr unsigned kReserved1 = 0x40;
constexpr unsigned kReserved23 = 0x30;
constexpr unsigned kOpcode = 0x0F;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength = 0x7F;
constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;

bool is_known(unsigned opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::byte each : bytes) value = value << 8 | std::to_integer<std::uint64_t>(each);
  return value;
}

}  // namespace

Result<std::optional<FrameHead>> read_frame_head(ByteView bytes, std::size_t& size) {
  if (bytes.size() < 2) return std::optional<FrameHead>();
  const auto first = std::to_integer<unsigned>(bytes[0]);
  const auto second = std::to_integer<unsigned>(bytes[1]);
  if ((first & kReserved23) != 0 || !is_known(first & kOpcode)) return kBadFrame;
  FrameHead head{.opcode = static_cast<Opcode>(first & kOpcode),
                 .final = (first & kFinal) != 0,
                 .compressed = (first & kReserved1) != 0};
  const unsigned length = second & kLength;
  if (is_control(head.opcode) && (!head.final || head.compressed || length > kMostControlBytes))
    return kBadFrame;
  const std::size_t extended = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  const bool masked = (second & kMasked) != 0;
  size = 2 + extended + (masked ? sizeof(MaskKey) : 0);
  if (bytes.size() < 2 + extended) return std::optional<FrameHead>();
  head.payload_bytes = extended == 0 ? length : big_endian(bytes.subspan(2, extended));
  const bool shortest = extended == 0 || (extended == 2 && head.payload_bytes >= kLength16) ||
                        (extended == 8 && head.payload_bytes > 0xFFFF);
  if (!shortest || head.payload_bytes >> 63 != 0) return kBadFrame;
  if (bytes.size() < size) return std::optional<FrameHead>();
  if (masked)
    std::ranges::copy(bytes.subspan(2 + extended, sizeof(MaskKey)), head.mask.emplace().begin());
  return std::optional(head);
}

ByteView write_frame_head(std::span<std::byte, kMostHeadBytes> space, const FrameHead& head) {
  KEEL_ASSERT(!is_control(head.opcode) || (head.final && head.payload_bytes <= kMostControlBytes));
  const std::size_t extended = head.payload_bytes > 0xFFFF       ? 8
                               : head.payload_bytes >= kLength16 ? 2
                                                                 : 0;
  space[0] = static_cast<std::byte>((head.final ? kFinal : 0) | (head.compressed ? kReserved1 : 0) |
                                    static_cast<unsigned>(head.opcode));
  const unsigned length = extended == 8   ? kLength64
                          : extended == 2 ? kLength16
                                          : static_cast<unsigned>(head.payload_bytes);
  space[1] = static_cast<std::byte>((head.mask ? kMasked : 0) | length);
  for (std::size_t i = 0; i < extended; ++i)
    space[2 + i] = static_cast<std::byte>(head.payload_bytes >> (8 * (extended - 1 - i)));
  if (!head.mask) return space.first(2 + extended);
  std::ranges::copy(*head.mask, space.subspan(2 + extended).begin());
  return space.first(2 + extended + sizeof(MaskKey));
}

void apply_mask(ByteSpan to, ByteView from, const MaskKey& key, std::uint64_t offset) noexcept {
  KEEL_ASSERT(to.size() == from.size());
  std::array<std::byte, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i) turned.at(i) = key.at((offset + i) % 4);
  const auto mask = std::bit_cast<std::uint64_t>(turned);
  std::size_t at = 0;
  for (; from.size() - at >= sizeof mask; at += sizeof mask) {
    std::uint64_t word = 0;
    std::memcpy(&word, from.subspan(at).data(), sizeof word);
    word ^= mask;
    std::memcpy(to.subspan(at).data(), &word, sizeof word);
  }
  for (; at < from.size(); ++at) to[at] = from[at] ^ turned.at(at % 8);
}

}  // namespace keel::websocket
