// Cuts what arrives into frames: a fixed header, and as many bytes as it says (MQTT 5, section
// 2.1). A frame that stands whole in what was fed is a view into it; only what is left over at the
// end is copied, into memory that grows with what has arrived, not with what a header promises.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "wire/mqtt/field/packet_type.hpp"

namespace keel::mqtt {

struct Frame {
  std::uint8_t first = 0;  // type and flags
  ByteView body;           // after the fixed header
  std::size_t bytes = 0;   // of the whole frame

  std::uint8_t type() const noexcept { return first >> 4; }
  std::uint8_t flags() const noexcept { return first & 0x0f; }
};

enum class FrameStep : std::uint8_t {
  need_more,  // all that was fed is used up or kept; feed again
  frame,      // frame() is valid until the next call of next(), feed() or hold()
  error,      // final; see error()
};

// One reader serves one connection, on one core.
class FrameReader {
 public:
  explicit FrameReader(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // A frame may weigh this from now on.
  void set_most_bytes(std::size_t most_bytes) noexcept { most_bytes_ = most_bytes; }

  // Takes what arrived. Must not be called before next() has said need_more or hold() was called.
  // The bytes must stay alive and unchanged until next() says need_more, or until hold().
  void feed(ByteView bytes);
  // Takes what is not yet read of the fed bytes into memory of our own, so that they can be given
  // back. Frames given before are no longer valid.
  void hold();

  FrameStep next();

  const Frame& frame() const noexcept [[clang::lifetimebound]] { return frame_; }
  // kBadLength or kPacketTooLarge. Static lifetime.
  const ErrorKind& error() const noexcept { return *error_; }
  std::size_t buffered() const noexcept;
  std::size_t memory_bytes() const noexcept { return own_.capacity(); }

 private:
  ByteView waiting() const noexcept;
  void consume(std::size_t count) noexcept;
  FrameStep fail(const ErrorKind& kind) noexcept;

  std::size_t most_bytes_;
  ByteView borrowed_;
  Bytes own_;
  std::size_t start_ = 0;  // of what waits in own_
  bool borrowing_ = false;
  Frame frame_;
  const ErrorKind* error_ = nullptr;
};

}  // namespace keel::mqtt
