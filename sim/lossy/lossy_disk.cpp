#include "sim/lossy/lossy_disk.hpp"

#include <list>

#include "runtime/errors.hpp"
#include "sim/world/random.hpp"

namespace keel::sim {
namespace {

using runtime::File;
using runtime::Task;

constexpr std::size_t kPageBytes = 4096;

// What all files of one lossy disk share.
struct Unsynced {
  explicit Unsynced(LossyDiskOptions options)
      : limit_bytes(options.max_unsynced_bytes), random(options.seed) {}
  std::uint64_t limit_bytes;
  std::uint64_t bytes = 0;
  Random random;
};

struct HeldWrite {
  std::uint64_t offset_bytes = 0;
  Bytes bytes;
};

class LossyFile final : public File {
 public:
  LossyFile(std::unique_ptr<File> inner, Unsynced& unsynced)
      : inner_(std::move(inner)), unsynced_(unsynced) {}
  ~LossyFile() override {
    for (const HeldWrite& write : held_) unsynced_.bytes -= write.bytes.size();
  }

  Task<Result<std::size_t>> read(std::uint64_t offset_bytes, ByteSpan into) override {
    std::size_t count = KEEL_CO_TRY(co_await inner_->read(offset_bytes, into));
    for (const HeldWrite& write : held_) {
      const std::uint64_t first = std::max(offset_bytes, write.offset_bytes);
      const std::uint64_t last =
          std::min(offset_bytes + into.size(), write.offset_bytes + write.bytes.size());
      if (first >= last) continue;
      const ByteView from = ByteView(write.bytes).subspan(first - write.offset_bytes, last - first);
      std::ranges::copy(from, into.subspan(first - offset_bytes).begin());
      count = std::max(count, static_cast<std::size_t>(last - offset_bytes));
    }
    co_return count;
  }

  Task<Result<>> write(std::uint64_t offset_bytes, ByteView from) override {
    if (unsynced_.bytes + from.size() > unsynced_.limit_bytes)
      co_return Error(runtime::kDiskFull, "the lossy disk holds too much that was never synced");
    unsynced_.bytes += from.size();
    held_.push_back({offset_bytes, Bytes(from.begin(), from.end())});
    co_return success();
  }

  Task<Result<>> sync() override {
    // What is written from here on belongs to the next sync.
    for (std::size_t count = held_.size(); count > 0; --count) {
      KEEL_CO_TRY(co_await write_pages(held_.front().offset_bytes, held_.front().bytes));
      unsynced_.bytes -= held_.front().bytes.size();
      held_.pop_front();
    }
    co_return co_await inner_->sync();
  }

  Task<Result<>> write_durable(std::uint64_t offset_bytes, ByteView from) override {
    KEEL_CO_TRY(co_await write_pages(offset_bytes, from));
    co_return co_await inner_->sync();
  }

  Task<Result<>> preallocate(std::uint64_t size_bytes) override {
    co_return co_await inner_->preallocate(size_bytes);
  }
  Task<Result<std::uint64_t>> size() override { co_return co_await inner_->size(); }
  Task<Result<>> truncate(std::uint64_t size_bytes) override {
    co_return co_await inner_->truncate(size_bytes);
  }

 private:
  // A page at a time, in any order: a kill in the middle leaves a torn write behind.
  Task<Result<>> write_pages(std::uint64_t offset_bytes, ByteView from) {
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < from.size(); at += kPageBytes) starts.push_back(at);
    for (std::size_t i = starts.size(); i > 1; --i)
      std::swap(starts.at(i - 1), starts.at(unsynced_.random.below(i)));
    for (const std::size_t at : starts) {
      const ByteView page = from.subspan(at, std::min(kPageBytes, from.size() - at));
      KEEL_CO_TRY(co_await inner_->write(offset_bytes + at, page));
    }
    co_return success();
  }

  std::unique_ptr<File> inner_;
  Unsynced& unsynced_;
  std::list<HeldWrite> held_;  // oldest first
};

class LossyDisk final : public runtime::Disk {
 public:
  LossyDisk(runtime::Disk& inner, LossyDiskOptions options) : inner_(inner), unsynced_(options) {}

  Task<Result<std::unique_ptr<File>>> open(std::string_view path, runtime::OpenFile how) override {
    how.direct = false;  // what is held in memory is not aligned
    std::unique_ptr<File> file = KEEL_CO_TRY(co_await inner_.open(path, how));
    co_return std::make_unique<LossyFile>(std::move(file), unsynced_);
  }
  Task<Result<std::vector<std::string>>> list(std::string_view directory) override {
    co_return co_await inner_.list(directory);
  }
  Task<Result<>> make_directory(std::string_view path) override {
    co_return co_await inner_.make_directory(path);
  }
  Task<Result<>> rename(std::string_view from, std::string_view to) override {
    co_return co_await inner_.rename(from, to);
  }
  Task<Result<>> remove(std::string_view path) override { co_return co_await inner_.remove(path); }
  Task<Result<>> sync_directory(std::string_view path) override {
    co_return co_await inner_.sync_directory(path);
  }
  Task<Result<std::uint64_t>> free_bytes(std::string_view path) override {
    co_return co_await inner_.free_bytes(path);
  }
  Task<Result<std::unique_ptr<File>>> lock(std::string_view path) override {
    co_return co_await inner_.lock(path);
  }

 private:
  runtime::Disk& inner_;
  Unsynced unsynced_;
};

class LossyCore final : public runtime::Core {
 public:
  LossyCore(runtime::Core& inner, LossyDiskOptions options)
      : inner_(inner), disk_(inner.disk(), options) {}

  std::uint32_t index() const noexcept override { return inner_.index(); }
  runtime::Clock& clock() noexcept override { return inner_.clock(); }
  runtime::Entropy& entropy() noexcept override { return inner_.entropy(); }
  runtime::Disk& disk() noexcept override { return disk_; }
  runtime::Network& network() noexcept override { return inner_.network(); }
  runtime::Offload& offload() noexcept override { return inner_.offload(); }
  void post(std::coroutine_handle<> ready) noexcept override { inner_.post(ready); }
  Task<> yield() override { co_await inner_.yield(); }
  Task<Result<>> sleep_until(Timestamp when, runtime::Wait wait) override {
    co_return co_await inner_.sleep_until(when, wait);
  }
  runtime::TimerQueue& timers() noexcept override { return inner_.timers(); }
  void deliver(runtime::RemoteSignal& signal) noexcept override { inner_.deliver(signal); }
  void forget(runtime::RemoteSignal& signal) noexcept override { inner_.forget(signal); }

 private:
  runtime::Core& inner_;
  LossyDisk disk_;
};

}  // namespace

std::unique_ptr<runtime::Core> make_lossy_core(runtime::Core& inner, LossyDiskOptions options) {
  return std::make_unique<LossyCore>(inner, options);
}

std::unique_ptr<runtime::Disk> make_lossy_disk(runtime::Disk& inner, LossyDiskOptions options) {
  return std::make_unique<LossyDisk>(inner, options);
}

}  // namespace keel::sim
