// DirectoryDisk: the part of a Disk that deals with names, by plain system calls on the core's
// thread. They are rare (start, roll of a segment, clean-up) and short; what is slow (reads,
// writes, syncs) is left to each world. Also how files are opened and locked.
#pragma once

#include <string>

#include "runtime/ports.hpp"
#include "runtime/posix/descriptor.hpp"

namespace keel::runtime {

struct OpenedFile {
  Descriptor descriptor;
  bool direct = false;  // as asked for, and possible on this file system
  std::string path;     // for messages
};

Result<OpenedFile> open_file(std::string_view path, OpenFile how);
// Opens (makes) the file and takes flock(2) on it, which is the kernel's for as long as it is open.
Result<OpenedFile> lock_file(std::string_view path);
Result<OpenedFile> open_directory(std::string_view path);
Result<std::uint64_t> size_of(const OpenedFile& file);
Result<> truncate_file(const OpenedFile& file, std::uint64_t size_bytes);

class DirectoryDisk : public Disk {
 public:
  Task<Result<std::vector<std::string>>> list(std::string_view directory) final;
  Task<Result<>> make_directory(std::string_view path) final;
  Task<Result<>> rename(std::string_view from, std::string_view to) final;
  Task<Result<>> remove(std::string_view path) override;  // may take long for a large file
  Task<Result<std::uint64_t>> free_bytes(std::string_view path) final;
};

}  // namespace keel::runtime
