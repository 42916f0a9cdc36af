#include "sim/world/disk.hpp"

#include "runtime/errors.hpp"

namespace keel::sim {

using runtime::File;
using runtime::Task;

namespace {
Error power_is_off() {
  return Error(runtime::kDiskFailed, "the power is off");
}
}  // namespace

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::shared_ptr<Medium::Node> node, runtime::OpenFile how)
      : disk_(disk), node_(std::move(node)), how_(how) {}

  Task<Result<std::size_t>> read(std::uint64_t offset_bytes, ByteSpan into) override {
    check_alignment(offset_bytes, into.size());
    co_await disk_.latency();
    if (Result<> on = disk_.powered(); !on.ok()) co_return on.error();
    const std::uint64_t size = node_->visible.size_bytes;
    if (offset_bytes >= size) co_return std::size_t{0};
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size - offset_bytes));
    node_->visible.read(offset_bytes, into.first(count));
    co_return count;
  }

  Task<Result<>> write(std::uint64_t offset_bytes, ByteView from) override {
    const Begun begun = KEEL_CO_TRY(co_await write_through(offset_bytes, from));
    medium().end_write(*node_, begun.number);
    co_return success();
  }

  Task<Result<>> sync() override {
    const std::vector<std::uint64_t> numbers = medium().begin_sync(*node_);
    co_await disk_.latency();
    if (!disk_.power_.begin_write()) co_return power_is_off();
    if (medium().random().draw(medium().faults().sync_failed)) {
      medium().fail_sync(*node_, numbers);
      co_return Error(runtime::kDiskFailed, "simulated: the sync failed");
    }
    medium().end_sync(*node_, numbers);
    co_return success();
  }

  Task<Result<>> write_durable(std::uint64_t offset_bytes, ByteView from) override {
    const Begun begun = KEEL_CO_TRY(co_await write_through(offset_bytes, from));
    co_await disk_.latency();
    if (!disk_.power_.begin_write()) co_return power_is_off();
    if (medium().random().draw(medium().faults().sync_failed)) {
      medium().fail_sync(*node_, {begun.number});
      co_return Error(runtime::kDiskFailed, "simulated: the sync failed");
    }
    medium().commit_write(*node_, begun.number);
    co_return success();
  }

  Task<Result<>> preallocate(std::uint64_t size_bytes) override {
    co_await disk_.latency();
    if (!disk_.power_.begin_write()) co_return power_is_off();
    const std::uint64_t now = node_->visible.size_bytes;
    if (size_bytes <= now) co_return success();
    if (size_bytes - now > disk_.free_now()) co_return full(size_bytes - now);
    node_->visible.resize(size_bytes);
    co_return success();
  }

  Task<Result<std::uint64_t>> size() override {
    if (Result<> on = disk_.powered(); !on.ok()) co_return on.error();
    co_return node_->visible.size_bytes;
  }

  Task<Result<>> truncate(std::uint64_t size_bytes) override {
    co_await disk_.latency();
    if (!disk_.power_.begin_write()) co_return power_is_off();
    node_->visible.resize(size_bytes);
    co_return success();
  }

 private:
  struct Begun {
    std::uint64_t number = 0;
  };

  Medium& medium() { return disk_.medium_; }

  Error full(std::uint64_t wanted) {
    medium().counts().count(Fault::disk_full);
    return Error(runtime::kDiskFull, "simulated: " + std::to_string(wanted) + " bytes wanted, " +
                                         std::to_string(disk_.free_now()) + " free");
  }

  void check_alignment(std::uint64_t offset_bytes, std::size_t size_bytes) const {
    if (!how_.direct) return;
    KEEL_ASSERT(offset_bytes % kPageBytes == 0);
    KEEL_ASSERT(size_bytes % kPageBytes == 0);
  }

  // Begins the write at once (a cut during its latency may find any part of it), ends after the
  // latency.
  Task<Result<Begun>> write_through(std::uint64_t offset_bytes, ByteView from) {
    KEEL_ASSERT(how_.write);
    check_alignment(offset_bytes, from.size());
    if (!disk_.power_.begin_write()) co_return power_is_off();
    const std::uint64_t end = offset_bytes + from.size();
    const std::uint64_t growth =
        end > node_->visible.size_bytes ? end - node_->visible.size_bytes : 0;
    if (growth > 0 && growth > disk_.free_now()) co_return full(growth);
    if (offset_bytes % kPageBytes == 0 &&
        medium().random().draw(medium().faults().write_misdirected) &&
        node_->visible.size_bytes >= from.size()) {
      medium().counts().count(Fault::write_misdirected);
      const std::uint64_t places = (node_->visible.size_bytes - from.size()) / kPageBytes + 1;
      offset_bytes = medium().random().below(places) * kPageBytes;
    }
    const std::uint64_t number = medium().begin_write(*node_, offset_bytes, from);
    co_await disk_.latency();
    if (Result<> on = disk_.powered(); !on.ok()) co_return on.error();
    if (medium().random().draw(medium().faults().write_failed)) {
      medium().counts().count(Fault::write_failed);
      co_return Error(runtime::kDiskFailed, "simulated: the write failed");
    }
    co_return Begun{number};
  }

  SimulatedDisk& disk_;
  std::shared_ptr<Medium::Node> node_;  // shared: the directory and other open files hold it too
  runtime::OpenFile how_;
};

class SimulatedLock final : public File {
 public:
  SimulatedLock(SimulatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  ~SimulatedLock() override { disk_.locks_.erase(path_); }

  Task<Result<std::size_t>> read(std::uint64_t, ByteSpan) override { co_return not_a_file(); }
  Task<Result<>> write(std::uint64_t, ByteView) override { co_return not_a_file(); }
  Task<Result<>> sync() override { co_return not_a_file(); }
  Task<Result<>> write_durable(std::uint64_t, ByteView) override { co_return not_a_file(); }
  Task<Result<>> preallocate(std::uint64_t) override { co_return not_a_file(); }
  Task<Result<std::uint64_t>> size() override { co_return not_a_file(); }
  Task<Result<>> truncate(std::uint64_t) override { co_return not_a_file(); }

 private:
  static Error not_a_file() { return Error(runtime::kNotPermitted, "a lock holds no bytes"); }

  SimulatedDisk& disk_;
  std::string path_;
};

Task<> SimulatedDisk::latency() {
  const DiskFaults& faults = medium_.faults();
  Duration delay = medium_.random().between(faults.latency_low, faults.latency_high);
  if (medium_.random().draw(faults.slow)) {
    medium_.counts().count(Fault::slow_disk);
    delay = Duration{delay.ns * 100};
  }
  static_cast<void>(co_await core_.sleep_until(core_.now() + delay, {}));
}

Result<> SimulatedDisk::powered() const {
  if (!power_.on) return power_is_off();
  return success();
}

std::uint64_t SimulatedDisk::free_now() const {
  const std::uint64_t used = medium_.used_bytes();
  const std::uint64_t capacity = medium_.faults().capacity_bytes;
  return used < capacity ? capacity - used : 0;
}

Task<Result<std::unique_ptr<File>>> SimulatedDisk::open(std::string_view path,
                                                        runtime::OpenFile how) {
  KEEL_CO_TRY(powered());
  std::shared_ptr<Medium::Node> node = medium_.find(path);
  if (node != nullptr && how.exclusive) co_return Error(runtime::kFileExists, std::string(path));
  if (node == nullptr) {
    if (!how.create) co_return Error(runtime::kNoSuchFile, std::string(path));
    if (!power_.begin_write()) co_return power_is_off();
    node = medium_.create(path);
  }
  co_return std::make_unique<SimulatedFile>(*this, std::move(node), how);
}

Task<Result<std::vector<std::string>>> SimulatedDisk::list(std::string_view directory) {
  KEEL_CO_TRY(powered());
  if (!medium_.has_directory(directory))
    co_return Error(runtime::kNoSuchFile, std::string(directory));
  co_return medium_.list(directory);
}

Task<Result<>> SimulatedDisk::make_directory(std::string_view path) {
  if (!power_.begin_write()) co_return power_is_off();
  medium_.make_directory(path);
  co_return success();
}

Task<Result<>> SimulatedDisk::rename(std::string_view from, std::string_view to) {
  if (!power_.begin_write()) co_return power_is_off();
  if (medium_.find(from) == nullptr && medium_.list(from).empty())
    co_return Error(runtime::kNoSuchFile, std::string(from));
  medium_.rename(from, to);
  co_return success();
}

Task<Result<>> SimulatedDisk::remove(std::string_view path) {
  if (!power_.begin_write()) co_return power_is_off();
  if (medium_.find(path) == nullptr) co_return Error(runtime::kNoSuchFile, std::string(path));
  medium_.remove(path);
  co_return success();
}

Task<Result<>> SimulatedDisk::sync_directory(std::string_view path) {
  co_await latency();
  if (!power_.begin_write()) co_return power_is_off();
  if (medium_.random().draw(medium_.faults().directory_sync_failed)) {
    medium_.counts().count(Fault::directory_sync_failed);
    co_return Error(runtime::kDiskFailed, "simulated: the sync of a directory failed");
  }
  medium_.sync_directory(path);
  co_return success();
}

Task<Result<std::uint64_t>> SimulatedDisk::free_bytes(std::string_view path) {
  static_cast<void>(path);
  KEEL_CO_TRY(powered());
  co_return free_now();
}

Task<Result<std::unique_ptr<File>>> SimulatedDisk::lock(std::string_view path) {
  KEEL_CO_TRY(powered());
  if (!locks_.insert(std::string(path)).second)
    co_return Error(runtime::kInUse, std::string(path) + " is held by another");
  co_return std::make_unique<SimulatedLock>(*this, std::string(path));
}

}  // namespace keel::sim
