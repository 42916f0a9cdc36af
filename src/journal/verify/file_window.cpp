#include "journal/verify/file_window.hpp"

#include "base/checked.hpp"

namespace keel::journal {

runtime::Task<Result<ByteView>> FileWindow::view(std::uint64_t offset, std::uint64_t bytes,
                                                 std::uint64_t limit) {
  KEEL_ASSERT(file_ != nullptr && offset % kBlockBytes == 0);
  if (offset >= limit) co_return ByteView();
  const std::uint64_t wanted = std::min(bytes, limit - offset);
  if (offset < filled_.begin || offset + wanted > filled_.end) {
    const std::uint64_t window =
        std::max(wanted, std::min<std::uint64_t>(window_bytes_, limit - offset));
    if (buffer_.size() < window) {
      buffer_ = AlignedBuffer(round_up(static_cast<std::size_t>(window), kBlockBytes));
    }
    filled_ = {};
    const auto read_bytes =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), limit - offset));
    const std::size_t got =
        KEEL_CO_TRY(co_await file_->read(offset, buffer_.span().first(read_bytes)));
    filled_ = {.begin = offset, .end = offset + got};
  }
  const std::uint64_t end = std::min(offset + wanted, filled_.end);
  co_return buffer_.view().subspan(static_cast<std::size_t>(offset - filled_.begin),
                                   static_cast<std::size_t>(end - offset));
}

}  // namespace keel::journal
