#include "runtime/posix/zero_pages.hpp"

#include <sys/mman.h>

namespace keel::runtime {

ZeroPages::ZeroPages() {
  void* memory = ::mmap(nullptr, kZeroPagesBytes, PROT_READ,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  KEEL_ASSERT(memory != MAP_FAILED);
  bytes_ = {static_cast<const std::byte*>(memory), kZeroPagesBytes};
}

ZeroPages::~ZeroPages() {
  // unsafe: the mapping is this object's own, and ends here
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace keel::runtime
