// BufferSlab: the memory of a core's receive buffers: one mapping, touched at the start, cut into
// equal pieces that are known by their number.
#pragma once

#include <sys/mman.h>

#include <cstdint>

#include "base/bytes.hpp"

namespace keel::runtime {

class BufferSlab {
 public:
  struct Shape {
    std::uint32_t buffers = 0;
    std::uint32_t buffer_bytes = 0;
  };
  explicit BufferSlab(Shape shape) : shape_(shape) {
    void* memory = ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    KEEL_ASSERT(memory != MAP_FAILED);
    memory_ = {static_cast<std::byte*>(memory), bytes()};
  }
  ~BufferSlab() { ::munmap(memory_.data(), memory_.size()); }
  BufferSlab(const BufferSlab&) = delete;
  BufferSlab& operator=(const BufferSlab&) = delete;

  ByteSpan buffer(std::uint32_t number) const noexcept [[clang::lifetimebound]] {
    return memory_.subspan(std::size_t{number} * shape_.buffer_bytes, shape_.buffer_bytes);
  }
  std::uint32_t count() const noexcept { return shape_.buffers; }
  std::uint32_t buffer_bytes() const noexcept { return shape_.buffer_bytes; }

 private:
  std::size_t bytes() const noexcept { return std::size_t{shape_.buffers} * shape_.buffer_bytes; }

  const Shape shape_;
  ByteSpan memory_;
};

}  // namespace keel::runtime
