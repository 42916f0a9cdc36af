// SnapshotOutput and SnapshotInput: one snapshot file as a sequence of checksummed frames. What the
// frames mean is the business of snapshots.hpp.
//
// Thread: the cell's core. Memory: one frame.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/snapshot/snapshot_format.hpp"
#include "runtime/ports.hpp"

namespace keel::engine {

class SnapshotOutput {
 public:
  // Writes to `path`, which is made or overwritten.
  static runtime::Task<Result<std::unique_ptr<SnapshotOutput>>> create(runtime::Disk& disk,
                                                                       std::string path);
  runtime::Task<Result<>> write_header(Position position, Timestamp time);
  runtime::Task<Result<>> write(SnapshotFrame kind, ByteView payload);
  // Writes the footer, and makes the file durable.
  runtime::Task<Result<>> finish();

  std::uint64_t size_bytes() const noexcept { return offset_; }

 private:
  explicit SnapshotOutput(std::unique_ptr<runtime::File> file) : file_(std::move(file)) {}

  std::unique_ptr<runtime::File> file_;
  std::uint64_t offset_ = 0;
  std::uint64_t frames_ = 0;
  Sha256 digest_;
  Bytes frame_;
};

class SnapshotInput {
 public:
  static runtime::Task<Result<std::unique_ptr<SnapshotInput>>> open(runtime::Disk& disk,
                                                                    std::string path);
  struct Frame {
    SnapshotFrame kind;
    ByteView payload;  // until the next call
  };
  // The next frame, checked; the footer is the last. kBadSnapshot says what is wrong, and where.
  runtime::Task<Result<Frame>> next();

 private:
  SnapshotInput(std::unique_ptr<runtime::File> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  Error bad(std::string_view what) const;

  std::unique_ptr<runtime::File> file_;
  std::string path_;
  std::uint64_t offset_ = 0;
  std::uint64_t frames_ = 0;
  Sha256 digest_;
  Bytes frame_;
};

}  // namespace keel::engine
