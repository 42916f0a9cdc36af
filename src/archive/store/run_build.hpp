// The two ways in which a sorted run comes to be: from the rows of a flush, and from other runs.
// Each writes one file, which nothing names before its owner puts it into a manifest.
//
// Thread: the store's core; sorting, checking and merging run on its offload thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "archive/run_writer.hpp"
#include "archive/store/entry_sorter.hpp"
#include "archive/store/file_set.hpp"
#include "runtime/core.hpp"

namespace keel::archive {

// Blocks are read and written so many bytes at a time.
inline constexpr std::size_t kStretchBytes = std::size_t{512} << 10;

// Which run: where it is written, and the rows that it is of.
struct RunOfRows {
  std::uint64_t file;
  std::uint32_t block_bytes;
  std::uint32_t entry_bytes;
  bool unique;
  std::uint64_t first_row;
  std::uint64_t end_row;
};
struct BuiltRun {
  std::optional<Run> run;  // nullopt: the rows have no entries; there is no file
  std::uint64_t bytes = 0;
};
// Sorts the entries of the rows and writes them. The file is synced.
runtime::Task<Result<BuiltRun>> build_run(runtime::Core& core, FileSet& files, EntrySorter sorter,
                                          RunOfRows what);

// A merge under way: runs of one level that follow each other become one of the next. Memory:
// kStretchBytes for each input, and twice that.
class Merge {
 public:
  // The inputs are copied; their files stay until this has ended. Entries of rows before
  // `first_row` are left out.
  Merge(runtime::Core& core, FileSet& files, const IndexRuns& index, std::vector<Run> inputs,
        std::uint64_t file, std::uint32_t block_bytes, std::uint64_t first_row);

  std::span<const Run> inputs() const noexcept { return inputs_; }
  std::uint64_t file() const noexcept { return file_; }
  std::uint64_t bytes_written() const noexcept { return bytes_written_; }

  // About so many bytes of the inputs further. True: done, and the file is synced. After an error
  // the merge is of no use any more.
  runtime::Task<Result<bool>> step(std::size_t bytes);
  // When done; nullopt when no entry was left: then there is no file.
  std::optional<Run> output() const;

 private:
  struct Input {
    std::uint64_t file = 0;
    RunShape shape;
    std::uint64_t next_block = 0;   // of the file
    std::uint64_t end_block = 0;    // behind the last leaf
    Bytes blocks;                   // as read
    std::uint64_t first_block = 0;  // number of the first of them
    Bytes entries;                  // of the leaves among them
    std::size_t at = 0;             // byte in entries
    EntryOrder::Prefix prefix;      // of the entry there

    bool dry() const noexcept { return at == entries.size(); }
    bool ended() const noexcept { return dry() && next_block == end_block; }
    ByteView head(std::uint32_t entry_bytes) const {
      return ByteView(entries).subspan(at, entry_bytes);
    }
  };

  runtime::Task<Result<>> refill(Input& input);
  Result<> unpack(Input& input) const;  // offload thread, as is merge_buffered()
  Result<> merge_buffered();
  void find_order();

  runtime::Core& core_;
  FileSet& files_;
  std::vector<Run> inputs_;
  std::uint64_t file_;
  std::uint32_t entry_bytes_;
  EntryOrder order_;  // of what is buffered
  std::uint64_t first_row_;
  std::vector<Input> sources_;
  RunWriter writer_;
  std::unique_ptr<runtime::File> output_;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
  bool finished_ = false;
};

}  // namespace keel::archive
