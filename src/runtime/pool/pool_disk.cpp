#include "runtime/pool/pool_disk.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "runtime/errors.hpp"
#include "runtime/pool/pool_core.hpp"
#include "runtime/posix/io_vector.hpp"
#include "runtime/posix/memory/zero_pages.hpp"
#include "runtime/posix/os_error.hpp"

namespace keel::runtime {
namespace {

constexpr std::uint64_t kDirectUnit = 4096;

Error failed(std::string_view verb, const OpenedFile& file, int error_number = errno) {
  std::string what(verb);
  what += ' ';
  what += file.path;
  return disk_error(error_number, what);
}

// The functions below block: they run on a disk thread.

Result<std::size_t> read_now(const OpenedFile& file, std::uint64_t offset, ByteSpan into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ByteSpan rest = into.subspan(done);
    const ssize_t got = ::pread(file.descriptor.number(), rest.data(), rest.size(),
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", file);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    // A direct read that ends off the grid has met the end of the file.
    if (file.direct && done % kDirectUnit != 0) break;
  }
  return done;
}

Result<> write_now(const OpenedFile& file, std::uint64_t offset, ByteView from, int flags) {
  while (!from.empty()) {
    const iovec vector = io_vector(from);
    const ssize_t put =
        ::pwritev2(file.descriptor.number(), &vector, 1, static_cast<off_t>(offset), flags);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", file);
    if (put == 0) return failed("write", file, ENOSPC);
    from = from.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return success();
}

Result<> sync_now(const OpenedFile& file, bool data_only) {
  const int number = file.descriptor.number();
  int result = 0;
  do result = data_only ? ::fdatasync(number) : ::fsync(number);
  while (result != 0 && errno == EINTR);
  if (result != 0) return failed("sync", file);
  return success();
}

class PoolFile final : public File {
 public:
  PoolFile(DiskThreads& threads, OpenedFile opened) noexcept
      : threads_(threads), opened_(std::move(opened)) {}

  Task<Result<std::size_t>> read(std::uint64_t offset_bytes, ByteSpan into) override {
    co_return co_await threads_.run([&] { return read_now(opened_, offset_bytes, into); });
  }
  Task<Result<>> write(std::uint64_t offset_bytes, ByteView from) override {
    co_return co_await threads_.run([&] { return write_now(opened_, offset_bytes, from, 0); });
  }
  Task<Result<>> write_durable(std::uint64_t offset_bytes, ByteView from) override {
    co_return co_await threads_.run(
        [&] { return write_now(opened_, offset_bytes, from, RWF_DSYNC); });
  }
  Task<Result<>> sync() override {
    co_return co_await threads_.run([&] { return sync_now(opened_, true); });
  }
  Task<Result<>> preallocate(std::uint64_t size_bytes) override;
  Task<Result<std::uint64_t>> size() override { co_return size_of(opened_); }
  Task<Result<>> truncate(std::uint64_t size_bytes) override {
    co_return truncate_file(opened_, size_bytes);
  }

 private:
  DiskThreads& threads_;
  OpenedFile opened_;
};

Task<Result<>> PoolFile::preallocate(std::uint64_t size_bytes) {
  std::uint64_t written = KEEL_CO_TRY(size_of(opened_));
  if (written >= size_bytes) co_return success();
  // Reserves the space in one piece where the file system can; a refusal shows in the writes below.
  // The size stays as it is, so that it says how far the zeros have got.
  KEEL_CO_TRY(co_await threads_.run([&]() -> Result<> {
    const int refused =
        ::fallocate(opened_.descriptor.number(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(written),
                    static_cast<off_t>(size_bytes - written));
    if (refused != 0 && errno == ENOSPC) return failed("preallocate", opened_);
    return success();
  }));
  const ZeroPages zeros;
  while (written < size_bytes) {
    const auto piece = std::min<std::uint64_t>(size_bytes - written, kZeroPagesBytes);
    KEEL_CO_TRY(co_await write(written, zeros.bytes().first(piece)));
    written += piece;
  }
  co_return co_await threads_.run([&] { return sync_now(opened_, false); });
}

}  // namespace

Task<Result<std::unique_ptr<File>>> PoolDisk::open(std::string_view path, OpenFile how) {
  co_return std::make_unique<PoolFile>(core_.disk_threads(), KEEL_CO_TRY(open_file(path, how)));
}

Task<Result<>> PoolDisk::sync_directory(std::string_view path) {
  const OpenedFile directory = KEEL_CO_TRY(open_directory(path));
  co_return co_await core_.disk_threads().run([&] { return sync_now(directory, false); });
}

Task<Result<std::unique_ptr<File>>> PoolDisk::lock(std::string_view path) {
  co_return std::make_unique<PoolFile>(core_.disk_threads(), KEEL_CO_TRY(lock_file(path)));
}

}  // namespace keel::runtime
