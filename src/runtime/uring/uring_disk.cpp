#include "runtime/uring/uring_disk.hpp"

#include <fcntl.h>

#include <algorithm>

#include "runtime/errors.hpp"
#include "runtime/posix/memory/zero_pages.hpp"
#include "runtime/posix/os_error.hpp"
#include "runtime/uring/call.hpp"

namespace keel::runtime {
namespace {

constexpr std::size_t kMostBytesACall = 1u << 30;
constexpr std::uint64_t kDirectUnit = 4096;

// Says for its life that the kernel has something in hand for the disk.
class DiskCall {
 public:
  explicit DiskCall(UringCore& core) noexcept : count_(core.disk_calls()) { ++count_; }
  ~DiskCall() { --count_; }
  DiskCall(const DiskCall&) = delete;
  DiskCall& operator=(const DiskCall&) = delete;

 private:
  std::size_t& count_;
};

class UringFile final : public File {
 public:
  UringFile(UringCore& core, OpenedFile opened) noexcept
      : core_(core), opened_(std::move(opened)) {}

  Task<Result<std::size_t>> read(std::uint64_t offset_bytes, ByteSpan into) override;
  [[clang::coro_wrapper]] Task<Result<>> write(std::uint64_t offset_bytes, ByteView from) override {
    return write_with(offset_bytes, from, 0);
  }
  [[clang::coro_wrapper]] Task<Result<>> write_durable(std::uint64_t offset_bytes,
                                                       ByteView from) override {
    return write_with(offset_bytes, from, RWF_DSYNC);
  }
  [[clang::coro_wrapper]] Task<Result<>> sync() override {
    return sync_with(IORING_FSYNC_DATASYNC);
  }
  Task<Result<>> preallocate(std::uint64_t size_bytes) override;
  Task<Result<std::uint64_t>> size() override { co_return size_of(opened_); }
  Task<Result<>> truncate(std::uint64_t size_bytes) override {
    co_return truncate_file(opened_, size_bytes);
  }

  Task<Result<>> sync_with(unsigned flags);

 private:
  Task<Result<>> write_with(std::uint64_t offset_bytes, ByteView from, int flags);
  int descriptor() const noexcept { return opened_.descriptor.number(); }
  Error failed(std::string_view verb, std::int32_t result) const {
    std::string what(verb);
    what += ' ';
    what += opened_.path;
    return disk_error(-result, what);
  }

  UringCore& core_;
  OpenedFile opened_;
};

Task<Result<std::size_t>> UringFile::read(std::uint64_t offset_bytes, ByteSpan into) {
  const DiskCall in_hand(core_);
  std::size_t done = 0;
  while (done < into.size()) {
    const ByteSpan rest = into.subspan(done, std::min(into.size() - done, kMostBytesACall));
    const Answer answer = co_await Call(core_, Wait{}, [&](io_uring_sqe* entry) {
      io_uring_prep_read(entry, descriptor(), rest.data(), static_cast<unsigned>(rest.size()),
                         offset_bytes + done);
    });
    if (answer.result == -EINTR || answer.result == -EAGAIN) continue;
    if (answer.failed()) co_return failed("read", answer.result);
    if (answer.result == 0) break;
    done += static_cast<std::size_t>(answer.result);
    // A direct read that ends off the grid has met the end of the file.
    if (opened_.direct && done % kDirectUnit != 0) break;
  }
  co_return done;
}

Task<Result<>> UringFile::write_with(std::uint64_t offset_bytes, ByteView from, int flags) {
  const DiskCall in_hand(core_);
  while (!from.empty()) {
    const ByteView part = from.first(std::min(from.size(), kMostBytesACall));
    // What waits for a durable write has no more to do, but the core has: the next group forms.
    const Answer answer = co_await Call(
        core_, Wait{},
        [&](io_uring_sqe* entry) {
          io_uring_prep_write(entry, descriptor(), part.data(), static_cast<unsigned>(part.size()),
                              offset_bytes);
          entry->rw_flags = flags;
        },
        flags == RWF_DSYNC ? Begin::at_once : Begin::with_turn);
    if (answer.result == -EINTR || answer.result == -EAGAIN) continue;
    if (answer.failed()) co_return failed("write", answer.result);
    if (answer.result == 0) co_return failed("write", -ENOSPC);
    from = from.subspan(static_cast<std::size_t>(answer.result));
    offset_bytes += static_cast<std::uint64_t>(answer.result);
  }
  co_return success();
}

Task<Result<>> UringFile::sync_with(unsigned flags) {
  const DiskCall in_hand(core_);
  for (;;) {
    const Answer answer = co_await Call(core_, Wait{}, [&](io_uring_sqe* entry) {
      io_uring_prep_fsync(entry, descriptor(), flags);
    });
    if (answer.result == -EINTR || answer.result == -EAGAIN) continue;
    if (answer.failed()) co_return failed("sync", answer.result);
    co_return success();
  }
}

Task<Result<>> UringFile::preallocate(std::uint64_t size_bytes) {
  std::uint64_t written = KEEL_CO_TRY(size_of(opened_));
  if (written >= size_bytes) co_return success();
  // Reserves the space in one piece where the file system can; a refusal shows in the writes below.
  // The size stays as it is, so that it says how far the zeros have got.
  const Answer reserved = co_await Call(core_, Wait{}, [&](io_uring_sqe* entry) {
    io_uring_prep_fallocate(entry, descriptor(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(written),
                            static_cast<off_t>(size_bytes - written));
  });
  if (reserved.result == -ENOSPC) co_return failed("preallocate", reserved.result);

  const ZeroPages zeros;
  while (written < size_bytes) {
    const auto piece = std::min<std::uint64_t>(size_bytes - written, kZeroPagesBytes);
    KEEL_CO_TRY(co_await write(written, zeros.bytes().first(piece)));
    written += piece;
  }
  co_return co_await sync_with(0);
}

}  // namespace

Task<Result<std::unique_ptr<File>>> UringDisk::open(std::string_view path, OpenFile how) {
  co_return std::make_unique<UringFile>(core_, KEEL_CO_TRY(open_file(path, how)));
}

// A large file takes milliseconds: the ring's worker has them and not the core. What the ring
// cannot do (a directory, an old kernel) is tried, and refused, by the plain call.
Task<Result<>> UringDisk::remove(std::string_view path) {
  const DiskCall in_hand(core_);
  const std::string name(path);
  const Answer answer = co_await Call(
      core_, Wait{}, [&](io_uring_sqe* entry) { io_uring_prep_unlink(entry, name.c_str(), 0); });
  if (!answer.failed()) co_return success();
  co_return co_await DirectoryDisk::remove(path);
}

Task<Result<>> UringDisk::sync_directory(std::string_view path) {
  UringFile directory(core_, KEEL_CO_TRY(open_directory(path)));
  co_return co_await directory.sync_with(0);
}

Task<Result<std::unique_ptr<File>>> UringDisk::lock(std::string_view path) {
  co_return std::make_unique<UringFile>(core_, KEEL_CO_TRY(lock_file(path)));
}

}  // namespace keel::runtime
