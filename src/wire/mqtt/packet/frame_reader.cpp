#include "wire/mqtt/packet/frame_reader.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {
namespace {

// Memory above this is given back when no bytes wait.
constexpr std::size_t kIdleBytes = 512;

}  // namespace

ByteView FrameReader::waiting() const noexcept {
  return borrowing_ ? borrowed_ : ByteView(own_).subspan(start_);
}

std::size_t FrameReader::buffered() const noexcept {
  return waiting().size();
}

void FrameReader::feed(ByteView bytes) {
  KEEL_ASSERT(!borrowing_);
  if (waiting().empty()) {
    start_ = 0;
    own_.clear();
    borrowed_ = bytes;
    borrowing_ = true;
    return;
  }
  append(own_, bytes);
}

void FrameReader::hold() {
  if (borrowing_) {
    own_.assign(borrowed_.begin(), borrowed_.end());
    borrowed_ = {};
    borrowing_ = false;
  } else if (start_ > 0) {
    own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(start_));
  }
  start_ = 0;
  if (own_.empty() && own_.capacity() > kIdleBytes) Bytes().swap(own_);
}

void FrameReader::consume(std::size_t count) noexcept {
  if (borrowing_) {
    borrowed_ = borrowed_.subspan(count);
  } else {
    start_ += count;
  }
}

FrameStep FrameReader::fail(const ErrorKind& kind) noexcept {
  error_ = &kind;
  return FrameStep::error;
}

FrameStep FrameReader::next() {
  if (error_ != nullptr) return FrameStep::error;
  const ByteView bytes = waiting();
  std::size_t length = 0;
  std::size_t header = 1;
  for (bool more = true; more; ++header) {
    if (header == bytes.size() || bytes.empty()) {
      hold();
      return FrameStep::need_more;
    }
    const auto byte = std::to_integer<std::size_t>(bytes[header]);
    length |= (byte & 0x7f) << (7 * (header - 1));
    more = byte >= 0x80;
    const bool overlong = byte == 0 && header > 1;
    if (overlong || (more && header == kVariableBytes)) return fail(kBadLength);
  }
  const std::size_t whole = header + length;
  if (whole > most_bytes_) return fail(kPacketTooLarge);
  if (bytes.size() < whole) {
    hold();
    // Grow once where much of it is there already, never ahead of what has arrived by more than it.
    own_.reserve(std::min(whole, 2 * own_.size()));
    return FrameStep::need_more;
  }
  frame_ = {.first = std::to_integer<std::uint8_t>(bytes.front()),
            .body = bytes.subspan(header, length),
            .bytes = whole};
  consume(whole);
  return FrameStep::frame;
}

}  // namespace keel::mqtt
