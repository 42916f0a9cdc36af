#include "runtime/posix/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/checked.hpp"
#include "runtime/errors.hpp"
#include "runtime/posix/os_error.hpp"

namespace keel::runtime {
namespace {

constexpr mode_t kFileMode = 0600;  // what Keel stores is its owner's only
constexpr mode_t kDirectoryMode = 0700;

Error failed(std::string_view verb, std::string_view path) {
  const int error_number = errno;
  std::string what(verb);
  what += ' ';
  what += path;
  return disk_error(error_number, what);
}

Result<OpenedFile> open_with(std::string_view path, int flags, bool direct) {
  std::string name(path);
  int number = -1;
  do number = ::open(name.c_str(), flags | O_CLOEXEC | (direct ? O_DIRECT : 0), kFileMode);
  while (number < 0 && errno == EINTR);
  if (number < 0 && errno == EINVAL && direct) return open_with(path, flags, false);
  if (number < 0) return failed("open", path);
  return OpenedFile{.descriptor = Descriptor(number), .direct = direct, .path = std::move(name)};
}

Result<> make_one_directory(const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) return success();
  if (errno != EEXIST) return failed("make directory", path);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed("look at", path);
  if (S_ISDIR(status.st_mode)) return success();
  return Error(kFileExists, path + " is there, and is not a directory");
}

}  // namespace

Result<OpenedFile> open_file(std::string_view path, OpenFile how) {
  int flags = how.write ? O_RDWR : O_RDONLY;
  if (how.create) flags |= O_CREAT;
  if (how.create && how.exclusive) flags |= O_EXCL;
  return open_with(path, flags, how.direct);
}

Result<OpenedFile> lock_file(std::string_view path) {
  OpenedFile file = KEEL_TRY(open_with(path, O_RDWR | O_CREAT, false));
  if (::flock(file.descriptor.number(), LOCK_EX | LOCK_NB) != 0) return failed("lock", path);
  return file;
}

Result<OpenedFile> open_directory(std::string_view path) {
  return open_with(path, O_RDONLY | O_DIRECTORY, false);
}

Result<std::uint64_t> size_of(const OpenedFile& file) {
  struct stat status{};
  if (::fstat(file.descriptor.number(), &status) != 0) return failed("look at", file.path);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<> truncate_file(const OpenedFile& file, std::uint64_t size_bytes) {
  const auto size = checked_cast<off_t>(size_bytes);
  if (!size) return Error(kDiskFull, "a file cannot be that large");
  if (::ftruncate(file.descriptor.number(), *size) != 0) return failed("truncate", file.path);
  return success();
}

Task<Result<std::vector<std::string>>> DirectoryDisk::list(std::string_view directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) co_return disk_error(error.value(), "list " + std::string(directory));
  std::sort(names.begin(), names.end());
  co_return names;
}

Task<Result<>> DirectoryDisk::make_directory(std::string_view path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    KEEL_CO_TRY(make_one_directory(std::string(path.substr(0, slash))));
  }
  co_return make_one_directory(std::string(path));
}

Task<Result<>> DirectoryDisk::rename(std::string_view from, std::string_view to) {
  if (::rename(std::string(from).c_str(), std::string(to).c_str()) != 0) {
    co_return failed("rename", from);
  }
  co_return success();
}

Task<Result<>> DirectoryDisk::remove(std::string_view path) {
  if (::remove(std::string(path).c_str()) != 0) co_return failed("remove", path);
  co_return success();
}

Task<Result<std::uint64_t>> DirectoryDisk::free_bytes(std::string_view path) {
  struct statvfs status{};
  if (::statvfs(std::string(path).c_str(), &status) != 0) co_return failed("look at", path);
  co_return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace keel::runtime
