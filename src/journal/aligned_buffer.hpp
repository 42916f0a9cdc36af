// AlignedBuffer: memory at a multiple of 4096, as direct I/O wants it. Zeroed, and with it touched,
// when it is made, so that no page fault falls into the path of a write.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "base/bytes.hpp"
#include "journal/format.hpp"

namespace keel::journal {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size_bytes)
      : AlignedBuffer({.bytes = size_bytes, .zeroed_bytes = size_bytes}) {}
  // With a part behind that is not zeroed, and takes no memory until it is written.
  struct Size {
    std::size_t bytes = 0;
    std::size_t zeroed_bytes = 0;  // the first ones
  };
  explicit AlignedBuffer(Size size)
      : bytes_(
            static_cast<std::byte*>(::operator new[](size.bytes, std::align_val_t(kBlockBytes)))),
        size_bytes_(size.bytes) {
    std::memset(bytes_.get(), 0, std::min(size.bytes, size.zeroed_bytes));
  }

  ByteSpan span() noexcept [[clang::lifetimebound]] { return {bytes_.get(), size_bytes_}; }
  ByteView view() const noexcept [[clang::lifetimebound]] { return {bytes_.get(), size_bytes_}; }
  std::size_t size() const noexcept { return size_bytes_; }

 private:
  struct Free {
    void operator()(std::byte* bytes) const noexcept {
      ::operator delete[](bytes, std::align_val_t(kBlockBytes));
    }
  };
  std::unique_ptr<std::byte[], Free> bytes_;
  std::size_t size_bytes_ = 0;
};

}  // namespace keel::journal
