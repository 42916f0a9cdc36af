// A page of rows under way into a reply: its head is written at the end. Private to this folder.
#pragma once

#include <algorithm>

#include "base/bytes.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

class PageWriter {
 public:
  PageWriter(Bytes& reply, std::uint32_t budget_bytes)
      : reply_(reply),
        head_at_(reply.size()),
        budget_(budget_bytes == 0 ? kMaxReplyBytes
                                  : std::min<std::size_t>(budget_bytes, kMaxReplyBytes)) {
    append(reply_, object_bytes(PageHead{}));
  }

  // Whether a row of so many bytes is still part of this page; the first one always is. If not, the
  // page says that there is more.
  bool takes(std::size_t bytes) {
    if (head_.rows == 0 || reply_.size() - head_at_ + bytes <= budget_) return true;
    head_.more = 1;
    return false;
  }
  void end_early() noexcept { head_.more = 1; }
  // A row begins: its bytes are appended to reply().
  Bytes& row() {
    ++head_.rows;
    return reply_;
  }
  std::uint32_t rows() const noexcept { return head_.rows; }
  // Once, at the end.
  void finish() {
    std::ranges::copy(object_bytes(head_), ByteSpan(reply_).subspan(head_at_).begin());
  }

 private:
  Bytes& reply_;
  std::size_t head_at_;
  std::size_t budget_;
  PageHead head_;
};

}  // namespace keel::streams
