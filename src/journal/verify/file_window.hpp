// FileWindow: reads a file from front to back through one aligned buffer, whatever the file's size.
//
// Memory: the buffer, which grows to the largest piece that was asked for (a group, so at most
// kMaxGroupBytes). Thread: the core of its file.
#pragma once

#include <memory>

#include "journal/aligned_buffer.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

class FileWindow {
 public:
  explicit FileWindow(std::size_t window_bytes) : window_bytes_(window_bytes) {}

  // Another file; what was read of the last one is forgotten. The file outlives its use here.
  void look_at(runtime::File* file) {
    file_ = file;
    filled_ = {};
  }

  // The bytes from `offset` on, `bytes` of them or up to `limit`, where the file is taken to end.
  // Both are multiples of kBlockBytes. Never reads behind the limit. The view lives until the next
  // call. Fewer bytes than that: the file is shorter than the limit.
  runtime::Task<Result<ByteView>> view(std::uint64_t offset, std::uint64_t bytes,
                                       std::uint64_t limit);

 private:
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  std::size_t window_bytes_;
  AlignedBuffer buffer_;
  runtime::File* file_ = nullptr;
  Range filled_;
};

}  // namespace keel::journal
