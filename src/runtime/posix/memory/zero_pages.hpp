// Aligned zeros to write, without a buffer of our own: pages that are mapped and never written are
// all one page of the kernel's.
#pragma once

#include "base/bytes.hpp"

namespace keel::runtime {

inline constexpr std::size_t kZeroPagesBytes = 1024 * 1024;

class ZeroPages {
 public:
  ZeroPages();
  ~ZeroPages();
  ZeroPages(const ZeroPages&) = delete;
  ZeroPages& operator=(const ZeroPages&) = delete;

  ByteView bytes() const noexcept [[clang::lifetimebound]] { return bytes_; }

 private:
  ByteSpan bytes_;  // readable only
};

}  // namespace keel::runtime
