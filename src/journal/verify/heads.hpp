// HeadsReader: the signed heads of a class, from oldest to newest. A damaged last entry was being
// written and is left out; a damaged one before a valid one is damage.
//
// Memory: one window of the file. Thread: the core of its disk.
#pragma once

#include <optional>
#include <string>

#include "journal/format.hpp"
#include "journal/verify/file_window.hpp"
#include "journal/verify/walk.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

class HeadsReader {
 public:
  HeadsReader(runtime::Disk& disk, std::string directory, SegmentClass segment_class);

  // Success also when there is no such file.
  runtime::Task<Result<>> open();
  // The next valid entry. Entries that are damaged are counted in problems.
  runtime::Task<Result<std::optional<HeadEntry>>> next();

  // Where the next entry is to be written: behind the last valid one.
  std::uint64_t end_bytes() const noexcept { return end_bytes_; }
  // Offset of a damaged entry that has a valid one behind it.
  const std::optional<FileProblem>& problem() const noexcept { return problem_; }

 private:
  runtime::Disk& disk_;
  std::string path_;
  std::string name_;
  std::unique_ptr<runtime::File> file_;
  FileWindow window_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t end_bytes_ = 0;
  std::optional<FileProblem> damaged_;  // met, and nothing valid behind it so far
  std::optional<FileProblem> problem_;
};

}  // namespace keel::journal
