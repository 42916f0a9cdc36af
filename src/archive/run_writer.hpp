// RunWriter: turns entries in order into the blocks of a run. It keeps one leaf, the fences that
// are not full, and one block of the filter; finished blocks wait in two lists, each of
// consecutive blocks of the file, until they are taken away to be written.
//
// Pure. Any thread, one at a time. Memory: two blocks, one entry for each leaf not yet under a
// written fence and one for each fence, and what has not been taken.
#pragma once

#include <vector>

#include "archive/shape.hpp"

namespace keel::archive {

class RunWriter {
 public:
  // `expected`: how many entries will come at most; sizes the filter. Entries of keys with a filter
  // have mixed keys.
  RunWriter(std::uint64_t file, std::uint32_t block_bytes, std::uint32_t entry_bytes, bool filter,
            std::uint64_t expected);

  // Greater than the one before.
  void add(ByteView entry);
  // Once, after the last; at least one was added.
  void finish();

  // The run's shape so far; whole after finish().
  RunShape shape() const noexcept;

  // Finished blocks in a row, and the number of the first of them.
  struct Stretch {
    std::uint64_t first_block = 0;
    Bytes bytes;

    void clear_written(std::uint32_t block_bytes) {
      first_block += bytes.size() / block_bytes;
      bytes.clear();
    }
  };
  Stretch& filter() noexcept [[clang::lifetimebound]] { return filter_out_; }
  Stretch& body() noexcept [[clang::lifetimebound]] { return body_; }
  std::size_t waiting_bytes() const noexcept {
    return filter_out_.bytes.size() + body_.bytes.size();
  }

 private:
  void end_filter_block();
  void end_leaf();
  void write_fence(ByteView firsts);

  std::uint64_t file_;
  RunShape shape_;
  Bytes leaf_;                 // whole entries
  std::vector<Bytes> firsts_;  // by level from 1: first entries of blocks not yet under a fence
  Bytes filter_block_;         // with room for the trailer
  std::uint32_t filter_at_ = 0;
  Stretch filter_out_;
  Stretch body_;
};

}  // namespace keel::archive
