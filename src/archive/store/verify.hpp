// Verifier: reads every block that a manifest names, a stretch at a time, and checks all that can
// be checked: checksums and places, the order of entries, fences against what they stand over,
// filters against keys, row numbers against their run; and, with the tables' schemas, that the
// indexes hold the entries of exactly the rows that are there.
//
// Reads only, through a disk port of its own, beside a store that is open or not (a merge that
// ends meanwhile may take a file away: that is reported as missing). Memory: two stretches of
// blocks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "archive/store/file_set.hpp"

namespace keel::archive {

struct VerifyReport {
  static constexpr std::size_t kMostFindings = 16;

  Position position;
  std::uint64_t files = 0;
  std::uint64_t blocks = 0;
  std::uint64_t rows = 0;
  std::uint64_t entries = 0;
  std::uint64_t damaged = 0;          // how many findings there were
  std::vector<std::string> findings;  // the first of them: file, offset, what is wrong

  bool ok() const noexcept { return damaged == 0; }
};

class Verifier {
 public:
  // At a position that was committed. The error says why there is nothing to verify: it is the one
  // that Store::open() would answer. `tables` may be empty: then indexes and rows are not compared.
  static runtime::Task<Result<std::unique_ptr<Verifier>>> begin(
      runtime::Disk& disk, std::string directory, Position at,
      std::span<const kernel::ColdTableSchema> tables);

  // About so many bytes further; false when all has been read. An error is one of the disk's.
  runtime::Task<Result<bool>> step(std::size_t bytes);

  std::uint64_t blocks_in_all() const noexcept { return blocks_in_all_; }
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
           std::span<const kernel::ColdTableSchema> tables);

  void plan();
  void found(std::string what);
  void take_block(const Piece& piece, std::uint64_t number, ByteView block);
  void take_rows(const Piece& piece, std::uint64_t number, ByteView block);
  void take_leaf(const Piece& piece, BlockShape shape, std::uint64_t number, ByteView block);
  void take_fence(const Piece& piece, BlockShape shape, std::uint64_t number, ByteView block);
  void compare();

  FileSet files_;
  Manifest manifest_;
  std::vector<kernel::ColdTableSchema> schemas_;
  std::vector<Piece> pieces_;
  std::size_t at_piece_ = 0;
  std::uint64_t at_block_ = 0;
  InRun in_run_;
  // By table and index: sums over the entries that the rows have, less those that the runs have.
  std::vector<std::vector<std::uint64_t>> balance_;
  std::uint64_t blocks_in_all_ = 0;
  VerifyReport report_;
};

}  // namespace keel::archive
