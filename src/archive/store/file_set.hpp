// FileSet: the files of an archive's directory: their names, the handles by which they are read,
// and the manifests. Which files are wanted is the business of its owner.
//
// Thread: one core. Bound: kMostOpen handles are kept open; blocks that are being read keep theirs.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "archive/manifest.hpp"
#include "base/ids.hpp"
#include "runtime/ports.hpp"

namespace keel::archive {

class FileSet {
 public:
  static constexpr std::size_t kMostOpen = 128;

  // `reading`: how files are opened to be read.
  FileSet(runtime::Disk& disk, std::string directory, runtime::OpenFile reading = {})
      : disk_(disk), directory_(std::move(directory)), reading_(reading) {}

  const std::string& directory() const noexcept { return directory_; }
  static std::string name_of(std::uint64_t file);
  static std::string manifest_name_of(Position position);
  std::string path_of(std::uint64_t file) const { return directory_ + '/' + name_of(file); }
  std::string manifest_path_of(Position position) const {
    return directory_ + '/' + manifest_name_of(position);
  }

  // What there is, sorted. Makes the directory; removes manifests that were not finished.
  struct Listing {
    std::vector<std::uint64_t> files;
    std::vector<Position> manifests;
  };
  runtime::Task<Result<Listing>> list();

  // Positions of the manifests that are there, sorted. Changes nothing; no directory: none.
  runtime::Task<Result<std::vector<Position>>> manifests();

  // An open file is shared by the set, which may close it to make room for others, and by those
  // who read it just now.
  using Handle = std::shared_ptr<runtime::File>;
  runtime::Task<Result<Handle>> open_to_read(std::uint64_t file);
  // Made when it is not there; else as it is.
  runtime::Task<Result<std::unique_ptr<runtime::File>>> open_to_write(std::uint64_t file);
  // Gone already: success.
  runtime::Task<Result<>> remove(std::uint64_t file);
  void close_all() noexcept { open_.clear(); }

  // Reads blocks that follow each other. kDamaged when the file ends before them.
  runtime::Task<Result<>> read(std::uint64_t file, std::uint64_t first_block,
                               std::uint32_t block_bytes, ByteSpan into);
  // What check_block() says, with the file's name and the offset.
  Result<> check(ByteView block, BlockId place, BlockShape shape) const;

  runtime::Task<Result<Manifest>> load_manifest(Position position);
  // Under a name that nobody reads; the old one is there still, whatever it returns.
  runtime::Task<Result<>> write_manifest(const Manifest& manifest);
  // What was written last for the position counts, durably when it returns success; after an error
  // the old one or the new one is there.
  runtime::Task<Result<>> name_manifest(Position position);
  runtime::Task<Result<>> remove_manifest(Position position);
  runtime::Task<Result<>> sync_directory() { co_return co_await disk_.sync_directory(directory_); }

 private:
  struct Open {
    std::uint64_t file;
    Handle handle;
  };
  runtime::Disk& disk_;
  std::string directory_;
  runtime::OpenFile reading_;
  std::list<Open> open_;  // the one used last is the first
};

}  // namespace keel::archive
