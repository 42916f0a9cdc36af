// SendCursor: where a send of several parts has got to, as the vectors that the next system call
// takes.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "base/bytes.hpp"
#include "runtime/posix/io_vector.hpp"

namespace keel::runtime {

class SendCursor {
 public:
  static constexpr std::size_t kVectors = 16;  // a call; more parts take more calls

  explicit SendCursor(std::span<const ByteView> parts) noexcept : parts_(parts) { skip_empty(); }

  bool done() const noexcept { return parts_.empty(); }
  // The next vectors; they lie in this object until the next call of next().
  std::span<iovec> next() noexcept [[clang::lifetimebound]] {
    std::size_t count = 0;
    std::size_t skip = sent_of_first_;
    for (const ByteView part : parts_) {
      const ByteView rest = part.subspan(std::exchange(skip, 0));
      if (!rest.empty()) vectors_[count++] = io_vector(rest);
      if (count == kVectors) break;
    }
    return std::span(vectors_).first(count);
  }
  void advance(std::size_t sent) noexcept {
    while (sent > 0) {
      const std::size_t rest = parts_.front().size() - sent_of_first_;
      if (sent < rest) {
        sent_of_first_ += sent;
        return;
      }
      sent -= rest;
      sent_of_first_ = 0;
      parts_ = parts_.subspan(1);
      skip_empty();
    }
  }

 private:
  void skip_empty() noexcept {
    while (!parts_.empty() && parts_.front().empty()) parts_ = parts_.subspan(1);
  }

  std::span<const ByteView> parts_;
  std::size_t sent_of_first_ = 0;
  std::array<iovec, kVectors> vectors_;
};

}  // namespace keel::runtime
