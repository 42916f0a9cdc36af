// The bytes that have arrived and are not yet consumed: a borrowed view while whole messages stand
// in what the socket gave, our own memory for what is left over. A connection that waits between
// messages holds nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace keel::http {

class ReceiveBuffer {
 public:
  // Adds what arrived. While the buffer is empty the view is only borrowed: it must stay alive
  // until hold().
  void feed(ByteView bytes);
  // Takes what is left of a borrowed view into our own memory; moves what is there to its start.
  void hold();

  std::string_view text() const noexcept {
    const std::span<const char> bytes =
        borrowing_ ? std::span<const char>(borrowed_) : std::span<const char>(own_).subspan(start_);
    return {bytes.data(), bytes.size()};
  }
  std::size_t size() const noexcept { return borrowing_ ? borrowed_.size() : own_.size() - start_; }
  bool borrowing() const noexcept { return borrowing_; }
  // Bytes of memory held for this connection.
  std::size_t capacity() const noexcept { return own_.capacity(); }

  // Drops the first `count` bytes of text().
  void consume(std::size_t count) noexcept;
  // The same bytes as text(), to be rewritten in place; only after hold().
  std::span<char> writable() noexcept;
  // Removes [from, to) of text() and closes the gap; only after hold().
  void remove(std::size_t from, std::size_t to);
  // A message of `size` bytes in all is coming: grow once, not by doubling, but never ahead of what
  // has arrived by more than its double.
  void expect(std::size_t size);

 private:
  std::string_view borrowed_;
  std::vector<char> own_;
  std::size_t start_ = 0;  // of text() in own_
  bool borrowing_ = false;
};

}  // namespace keel::http
