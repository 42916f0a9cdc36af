// AlignedBuffer: zeroed memory at a multiple of 4096, as direct I/O wants it. Touched once when it
// is made, so that no page fault falls into the path of a write.
#pragma once

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
      : bytes_(
            static_cast<std::byte*>(::operator new[](size_bytes, std::align_val_t(kBlockBytes)))),
        size_bytes_(size_bytes) {
    std::memset(bytes_.get(), 0, size_bytes);
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
