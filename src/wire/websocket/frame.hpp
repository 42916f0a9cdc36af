// Frames of RFC 6455, section 5.2: their heads, and the mask of section 5.3.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::websocket {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};
constexpr bool is_control(Opcode opcode) noexcept {
  return opcode >= Opcode::close;
}

using MaskKey = std::array<std::byte, 4>;

inline constexpr std::size_t kMostHeadBytes = 14;
inline constexpr std::size_t kMostControlBytes = 125;  // payload of a control frame

struct FrameHead {
  Opcode opcode = Opcode::binary;
  bool final = true;        // the last of its message
  bool compressed = false;  // RSV1, as permessage-deflate has it (RFC 7692, section 6)
  std::uint64_t payload_bytes = 0;
  std::optional<MaskKey> mask;  // from clients always, from servers never
};

// The head that `bytes` begins with; how long it is is in `size`. Nothing: it is not all there yet.
// kBadFrame: reserved bits or opcodes, a length that is not in its shortest form or has its highest
// bit set, a control frame that is long or fragmented.
Result<std::optional<FrameHead>> read_frame_head(ByteView bytes, std::size_t& size);

// Its bytes, in `space`.
ByteView write_frame_head(std::span<std::byte, kMostHeadBytes> space [[clang::lifetimebound]],
                          const FrameHead& head);

// to[i] = from[i] ^ key[(offset + i) % 4], eight bytes at a time. Equal sizes; may be the same
// memory. Masking twice is no masking.
void apply_mask(ByteSpan to, ByteView from, const MaskKey& key, std::uint64_t offset) noexcept;

}  // namespace keel::websocket
