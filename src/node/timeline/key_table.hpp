// KeyTable: a file from 128-bit keys to 64-bit values that grows with what is in it, and never has
// to be written anew.
//
// The file is levels of pages of 4096 bytes; level 0 has one page, each further level 16 times as
// many. A key has one page in each level, by its lowest bits, and lies in the first level whose
// page had room for it: a look-up reads at most as many pages as there are levels.
//
//   page   170 slots of 24 bytes, then 16 of zero; slots are taken in order
//   slot   the key (16 bytes, little-endian; zero: free), the value (8)
//
// Keys are to be spread evenly: digests. Not durable before sync(). Thread: the core of its disk;
// one put() at a time, get() beside it. Memory: one page a call. Bound: kLevels.
#pragma once

#include <memory>

#include "base/bytes.hpp"
#include "runtime/ports.hpp"

namespace keel::node {

class KeyTable {
 public:
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kSlots = 170;
  static constexpr std::uint32_t kLevels = 7;  // 17.9 million pages

  explicit KeyTable(std::unique_ptr<runtime::File> file) : file_(std::move(file)) {}

  // 0: the key is not there.
  runtime::Task<Result<std::uint64_t>> get(uint128 key);
  // Neither of them zero. kTimelineFull.
  runtime::Task<Result<>> put(uint128 key, std::uint64_t value);
  runtime::Task<Result<>> sync() { co_return co_await file_->sync(); }

 private:
  struct Place {
    std::uint64_t offset_bytes = 0;  // of the slot
    std::uint64_t value = 0;         // 0: the slot is free
  };
  // Nothing: every page that the key could lie in is full.
  runtime::Task<Result<std::optional<Place>>> find(uint128 key);

  std::unique_ptr<runtime::File> file_;
};

}  // namespace keel::node
