// io_vector: bytes that are to be written, in the form that system calls take.
#pragma once

#include <sys/uio.h>

#include "base/bytes.hpp"

namespace keel::runtime {

inline iovec io_vector(ByteView bytes) noexcept {
  // unsafe: iovec serves reads and writes alike; where this one goes the kernel only reads.
  return {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace keel::runtime
