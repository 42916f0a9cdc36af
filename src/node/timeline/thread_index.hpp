// ThreadIndex: for each thread of a cell's history (a session, or a correlation) the positions of
// its records, oldest first. Follows from the journal, so that it may be deleted at any time.
//
//   entries   16 bytes each, little-endian: the position, and the number of the entry before in the
//             same thread (0: none). Entries are numbered from 1, in the order of the file
//   threads   a key_table: SHA-256 of the thread (its first 16 bytes) to its newest entry
//
// Positions come in ascending order; what came already may come again and changes nothing. A power
// cut during store() may spoil anything in the files: the caller knows by a mark of its own, and
// clears them.
//
// Thread: the core of its disk; one put() or store() at a time, positions() beside them. Memory:
// about kMostWaiting entries and heads, and what positions() gives.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "node/timeline/key_table.hpp"
#include "runtime/ports.hpp"

namespace keel::node {

struct Thread {
  enum class Kind : std::uint32_t { session = 1, correlation = 2 };
  TenantId tenant;
  Kind kind = Kind::session;
  uint128 id = 0;
};

class ThreadIndex {
 public:
  // Entries and heads in memory: then they are to be stored.
  static constexpr std::size_t kMostWaiting = 16'384;

  ThreadIndex(runtime::Disk& disk, std::string directory)
      : disk_(disk), directory_(std::move(directory)) {}

  // Before everything else.
  runtime::Task<Result<>> open();
  runtime::Task<Result<>> put(const Thread& thread, Position position);
  // Makes durable what was put.
  runtime::Task<Result<>> store();
  // The newest `most` positions of a thread, oldest first. kWrongTimeline.
  runtime::Task<Result<std::vector<Position>>> positions(Thread thread, std::size_t most);
  // Forgets everything; open() again.
  runtime::Task<Result<>> clear();

  bool has_changes() const noexcept { return !waiting_.empty(); }
  bool full() const noexcept {
    return waiting_.size() >= kMostWaiting || heads_.size() >= kMostWaiting;
  }

 private:
  struct Entry {
    std::uint64_t position = 0;
    std::uint64_t before = 0;
  };
  struct Head {
    std::uint64_t entry = 0;
    bool changed = false;
  };
  struct Files {
    std::unique_ptr<runtime::File> entries;
    KeyTable threads;
  };

  runtime::Task<Result<std::uint64_t>> head_of(uint128 key);
  runtime::Task<Result<Entry>> entry(std::uint64_t number);
  std::string path(std::string_view name) const { return directory_ + '/' + std::string(name); }

  runtime::Disk& disk_;
  std::string directory_;
  std::unique_ptr<Files> files_;
  std::uint64_t stored_ = 0;       // entries in the file
  std::vector<Entry> waiting_;     // those behind them
  std::map<uint128, Head> heads_;  // read or changed since the last store()
};

}  // namespace keel::node
