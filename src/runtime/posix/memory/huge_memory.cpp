#include "runtime/posix/memory/huge_memory.hpp"

#include <sys/mman.h>

#include <new>

namespace keel::runtime {

namespace {
constexpr std::align_val_t kAlignment{kHugePageBytes};
}

void HugeMemoryDeleter::operator()(std::byte* memory) const noexcept {
  ::operator delete[](memory, kAlignment);
}

HugeMemory make_huge_memory(std::size_t bytes) {
  HugeMemory memory(static_cast<std::byte*>(::operator new[](bytes, kAlignment)));
  // A wish: where it is not granted the pages are small ones.
  static_cast<void>(::madvise(memory.get(), bytes, MADV_HUGEPAGE));
  return memory;
}

}  // namespace keel::runtime
