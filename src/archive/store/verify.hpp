// Verifier: reads every block that a manifest names, a stretch at a time, and checks all that can
// be checked: checksums and places, the order of entries, fences against what they stand over,
// filters against keys, row numbers against their run; and, with the tables' schemas, that the
// indexes hold the entries of exactly the rows that are there.
//
// Reads only, through a disk port of its own, beside a store that is open or not: what is wrong
// with a file that no manifest names any more (a merge has taken it away meanwhile) is passed over.
// Memory: a stretch of blocks, the filter of one run, the manifest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "archive/store/file_set.hpp"
#include "runtime/offload.hpp"

namespace keel::archive {

// What is not as it was written.
struct Finding {
  std::string file;  // its name in the directory
  std::uint64_t offset = 0;
  std::string what;

  std::string to_string() const;
};

struct VerifyOptions {
  bool direct = false;                  // past the page cache: what the medium has
  runtime::Offload* offload = nullptr;  // checks blocks there instead of on this core
};

struct VerifyReport {
  static constexpr std::size_t kMostFindings = 16;

  OwnerId owner{};
  Position position;
  std::uint64_t files = 0;
  std::uint64_t blocks = 0;
  std::uint64_t rows = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t damaged = 0;      // how many findings there were
  std::vector<Finding> findings;  // the first of them

  bool ok() const noexcept { return damaged == 0; }
};

class Verifier {
 public:
  // At a position that was committed. The error says why there is nothing to verify: it is the one
  // that Store::open() would answer. `tables` may be empty: then indexes and rows are not compared.
  static runtime::Task<Result<std::unique_ptr<Verifier>>> begin(
      runtime::Disk& disk, std::string directory, Position at,
      std::span<const kernel::ColdTableSchema> tables, VerifyOptions options = {});
  // At the newest position whose manifest is whole; those that are not are findings. Null: nothing
  // was ever committed there. kOtherSchema, kNewerFormat as above.
  static runtime::Task<Result<std::unique_ptr<Verifier>>> begin_newest(
      runtime::Disk& disk, std::string directory, std::span<const kernel::ColdTableSchema> tables,
      VerifyOptions options = {});

  // About so many bytes further; false when all has been read. An error is one of the disk's.
  runtime::Task<Result<bool>> step(std::size_t bytes);

  const VerifyReport& report() const noexcept [[clang::lifetimebound]] { return report_; }

 private:
  // A file to be read.
  struct Piece {
    std::size_t table = 0;
    std::size_t index = 0;
    std::optional<Run> run;  // nullopt: a file of rows
    std::uint64_t file = 0;
    std::uint64_t blocks = 0;
    std::uint64_t first_row = 0;  // of a file of rows
  };
  // Where a run's reading is.
  struct InRun {
    Bytes filter;               // all of it
    Bytes last;                 // entry
    std::vector<Bytes> firsts;  // by level: of the blocks not yet under a fence
  };

  Verifier(runtime::Disk& disk, std::string directory, Manifest manifest,
           std::span<const kernel::ColdTableSchema> tables, VerifyOptions options);

  void plan();
  void found(std::uint64_t file, std::uint64_t offset, std::string what);
  void report(Finding finding);
  // Whether any manifest that is there now names the file, or may.
  runtime::Task<Result<bool>> is_named(std::uint64_t file);
  runtime::Task<Result<>> read_stretch(const Piece& piece, std::uint64_t count);
  void end_piece();
  void take_block(const Piece& piece, std::uint64_t number, ByteView block);
  void take_rows(const Piece& piece, std::uint64_t number, ByteView block);
  void take_leaf(const Piece& piece, BlockShape shape, std::uint64_t number, ByteView block);
  void take_fence(const Piece& piece, BlockShape shape, std::uint64_t number, ByteView block);
  void compare();

  FileSet files_;
  VerifyOptions options_;
  Manifest manifest_;
  std::vector<kernel::ColdTableSchema> schemas_;
  std::vector<Piece> pieces_;
  std::size_t at_piece_ = 0;
  std::uint64_t at_block_ = 0;
  InRun in_run_;
  // By table and index: sums over the entries that the rows have, less those that the runs have.
  std::vector<std::vector<std::uint64_t>> balance_;
  Bytes memory_;                // of a stretch, and what its alignment takes
  std::vector<Finding> fresh_;  // of the stretch that is being looked at
  bool has_gaps_ = false;       // a file went away meanwhile: the sums say nothing
  VerifyReport report_;
};

}  // namespace keel::archive
