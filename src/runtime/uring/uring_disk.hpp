// Files on the ring, and their removal. What else deals with names goes by plain system calls
// (DirectoryDisk).
#pragma once

#include "runtime/posix/directory.hpp"
#include "runtime/uring/uring_core.hpp"

namespace keel::runtime {

class UringDisk final : public DirectoryDisk {
 public:
  explicit UringDisk(UringCore& core) noexcept : core_(core) {}

  Task<Result<std::unique_ptr<File>>> open(std::string_view path, OpenFile how) override;
  Task<Result<>> remove(std::string_view path) override;
  Task<Result<>> sync_directory(std::string_view path) override;
  Task<Result<std::unique_ptr<File>>> lock(std::string_view path) override;

 private:
  UringCore& core_;
};

}  // namespace keel::runtime
