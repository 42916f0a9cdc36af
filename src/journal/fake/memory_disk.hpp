// MemoryDisk: files in memory, without faults, latency or a notion of durability. For tests and
// fuzz targets that hand bytes to readers; faults are the simulated world's (sim/world).
//
// Thread: one. Lifetime: outlives what it has opened.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/ports.hpp"

namespace keel::journal {

class MemoryDisk final : public runtime::Disk {
 public:
  // By path; paths have no trailing slash.
  std::map<std::string, Bytes> files;

  runtime::Task<Result<std::unique_ptr<runtime::File>>> open(std::string_view path,
                                                             runtime::OpenFile how) override;
  runtime::Task<Result<std::vector<std::string>>> list(std::string_view directory) override;
  runtime::Task<Result<>> make_directory(std::string_view path) override;
  runtime::Task<Result<>> rename(std::string_view from, std::string_view to) override;
  runtime::Task<Result<>> remove(std::string_view path) override;
  runtime::Task<Result<>> sync_directory(std::string_view path) override;
  runtime::Task<Result<std::uint64_t>> free_bytes(std::string_view path) override;
  runtime::Task<Result<std::unique_ptr<runtime::File>>> lock(std::string_view path) override;
};

}  // namespace keel::journal
