// HugeMemory: memory that is looked at in places of chance, and asks the system for huge pages:
// without them each look misses the TLB too, which in a virtual machine costs more than the cache
// line. Whether it gets them is the system's affair
// (/sys/kernel/mm/transparent_hugepage/enabled); `keel doctor` says so.
//
// Any thread. Throws std::bad_alloc.
#pragma once

#include <cstddef>
#include <memory>

namespace keel::runtime {

inline constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

struct HugeMemoryDeleter {
  void operator()(std::byte* memory) const noexcept;
};
using HugeMemory = std::unique_ptr<std::byte[], HugeMemoryDeleter>;

// Not initialised; begins at a huge page's boundary. A multiple of kHugePageBytes wastes none.
HugeMemory make_huge_memory(std::size_t bytes);

}  // namespace keel::runtime
