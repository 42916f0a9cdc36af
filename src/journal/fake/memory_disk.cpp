#include "journal/fake/memory_disk.hpp"

#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

using runtime::Task;

class MemoryFile final : public runtime::File {
 public:
  explicit MemoryFile(Bytes& bytes) : bytes_(bytes) {}

  Task<Result<std::size_t>> read(std::uint64_t offset_bytes, ByteSpan into) override {
    if (offset_bytes >= bytes_.size()) co_return std::size_t{0};
    const auto offset = static_cast<std::size_t>(offset_bytes);
    const std::size_t count = std::min(into.size(), bytes_.size() - offset);
    std::ranges::copy(ByteView(bytes_).subspan(offset, count), into.begin());
    co_return count;
  }
  Task<Result<>> write(std::uint64_t offset_bytes, ByteView from) override {
    const auto offset = static_cast<std::size_t>(offset_bytes);
    if (bytes_.size() < offset + from.size()) bytes_.resize(offset + from.size());
    std::ranges::copy(from, ByteSpan(bytes_).subspan(offset).begin());
    co_return success();
  }
  Task<Result<>> sync() override { co_return success(); }
  Task<Result<>> write_durable(std::uint64_t offset_bytes, ByteView from) override {
    co_return co_await write(offset_bytes, from);
  }
  Task<Result<>> preallocate(std::uint64_t size_bytes) override {
    if (bytes_.size() < size_bytes) bytes_.resize(static_cast<std::size_t>(size_bytes));
    co_return success();
  }
  Task<Result<std::uint64_t>> size() override { co_return std::uint64_t{bytes_.size()}; }
  Task<Result<>> truncate(std::uint64_t size_bytes) override {
    bytes_.resize(static_cast<std::size_t>(size_bytes));
    co_return success();
  }

 private:
  Bytes& bytes_;
};

}  // namespace

Task<Result<std::unique_ptr<runtime::File>>> MemoryDisk::open(std::string_view path,
                                                              runtime::OpenFile how) {
  const std::string name(path);
  if (!files.contains(name) && !how.create) co_return Error(runtime::kNoSuchFile, name);
  if (files.contains(name) && how.create && how.exclusive) {
    co_return Error(runtime::kFileExists, name);
  }
  co_return std::make_unique<MemoryFile>(files[name]);
}

Task<Result<std::vector<std::string>>> MemoryDisk::list(std::string_view directory) {
  std::vector<std::string> names;
  const std::string prefix = std::string(directory) + '/';
  for (const auto& [path, bytes] : files) {
    if (path.starts_with(prefix)) names.push_back(path.substr(prefix.size()));
  }
  co_return names;
}

Task<Result<>> MemoryDisk::make_directory(std::string_view) {
  co_return success();
}

Task<Result<>> MemoryDisk::rename(std::string_view from, std::string_view to) {
  auto moved = files.extract(std::string(from));
  if (moved.empty()) co_return Error(runtime::kNoSuchFile, std::string(from));
  moved.key() = std::string(to);
  files.erase(moved.key());
  files.insert(std::move(moved));
  co_return success();
}

Task<Result<>> MemoryDisk::remove(std::string_view path) {
  if (files.erase(std::string(path)) == 0) co_return Error(runtime::kNoSuchFile, std::string(path));
  co_return success();
}

Task<Result<>> MemoryDisk::sync_directory(std::string_view) {
  co_return success();
}

Task<Result<std::uint64_t>> MemoryDisk::free_bytes(std::string_view) {
  co_return std::uint64_t{1} << 40;
}

Task<Result<std::unique_ptr<runtime::File>>> MemoryDisk::lock(std::string_view path) {
  co_return co_await open(path, {.write = true, .create = true});
}

}  // namespace keel::journal
