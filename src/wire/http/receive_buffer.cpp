#include "wire/http/receive_buffer.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::http {
namespace {

// Memory above this is given back when the connection falls idle; below, it is kept for the next
// message.
constexpr std::size_t kIdleBytes = 2'048;

}  // namespace

void ReceiveBuffer::feed(ByteView bytes) {
  KEEL_ASSERT(!borrowing_);
  const std::string_view text = as_text(bytes);
  if (size() == 0) {
    borrowed_ = text;
    borrowing_ = true;
    return;
  }
  own_.insert(own_.end(), text.begin(), text.end());
}

void ReceiveBuffer::hold() {
  if (borrowing_) {
    own_.assign(borrowed_.begin(), borrowed_.end());
    borrowed_ = {};
    borrowing_ = false;
  } else if (start_ > 0) {
    own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(start_));
  }
  start_ = 0;
  if (own_.empty() && own_.capacity() > kIdleBytes) std::vector<char>().swap(own_);
}

void ReceiveBuffer::consume(std::size_t count) noexcept {
  KEEL_ASSERT(count <= size());
  if (borrowing_) {
    borrowed_.remove_prefix(count);
  } else {
    start_ += count;
  }
}

std::span<char> ReceiveBuffer::writable() noexcept {
  KEEL_ASSERT(!borrowing_);
  return std::span<char>(own_).subspan(start_);
}

void ReceiveBuffer::remove(std::size_t from, std::size_t to) {
  KEEL_ASSERT(!borrowing_);
  KEEL_ASSERT(from <= to);
  KEEL_ASSERT(to <= size());
  const auto begin = own_.begin() + static_cast<std::ptrdiff_t>(start_);
  own_.erase(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to));
}

void ReceiveBuffer::expect(std::size_t size) {
  KEEL_ASSERT(!borrowing_);
  const std::size_t wanted = std::min(start_ + size, 2 * own_.size());
  if (wanted > own_.capacity()) own_.reserve(wanted);
}

}  // namespace keel::http
