#include "runtime/posix/memory/zero_pages.hpp"

#include <sys/mman.h>

namespace keel::runtime {

ZeroPages::ZeroPages() {
  void* memory = ::mmap(nullptr, kZeroPagesBytes, PROT_READ,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  KEEL_ASSERT(memory != MAP_FAILED);
  bytes_ = {static_cast<std::byte*>(memory), kZeroPagesBytes};
}

ZeroPages::~ZeroPages() {
  ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace keel::runtime
