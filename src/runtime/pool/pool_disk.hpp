// Files by blocking system calls on the disk threads. What deals with names goes by plain system
// calls (DirectoryDisk).
#pragma once

#include "runtime/posix/directory.hpp"

namespace keel::runtime {

class PoolCore;

class PoolDisk final : public DirectoryDisk {
 public:
  explicit PoolDisk(PoolCore& core) noexcept : core_(core) {}

  Task<Result<std::unique_ptr<File>>> open(std::string_view path, OpenFile how) override;
  Task<Result<>> sync_directory(std::string_view path) override;
  Task<Result<std::unique_ptr<File>>> lock(std::string_view path) override;

 private:
  PoolCore& core_;
};

}  // namespace keel::runtime
