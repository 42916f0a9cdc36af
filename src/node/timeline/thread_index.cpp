#include "node/timeline/thread_index.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"
#include "node/timeline/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::node {
namespace {

using runtime::Task;

constexpr std::string_view kEntries = "entries";
constexpr std::string_view kThreads = "threads";

uint128 key_of(const Thread& thread) {
  const std::uint32_t tenant = thread.tenant.value();
  const auto kind = static_cast<std::uint32_t>(thread.kind);
  const Digest digest = sha256({object_bytes(tenant), object_bytes(kind), object_bytes(thread.id)});
  const auto key = ByteReader(digest).read<uint128>().value();
  return key == 0 ? 1 : key;
}

}  // namespace

Task<Result<>> ThreadIndex::open() {
  if (files_ != nullptr) co_return success();
  KEEL_CO_TRY(co_await disk_.make_directory(directory_));
  constexpr runtime::OpenFile kHow{.write = true, .create = true};
  auto entries = KEEL_CO_TRY(co_await disk_.open(path(kEntries), kHow));
  auto threads = KEEL_CO_TRY(co_await disk_.open(path(kThreads), kHow));
  KEEL_CO_TRY(co_await disk_.sync_directory(directory_));
  // A piece of an entry at the end was never led to.
  stored_ = KEEL_CO_TRY(co_await entries->size()) / sizeof(Entry);
  files_ = std::make_unique<Files>(
      Files{.entries = std::move(entries), .threads = KeyTable(std::move(threads))});
  co_return success();
}

Task<Result<std::uint64_t>> ThreadIndex::head_of(uint128 key) {
  if (const auto found = heads_.find(key); found != heads_.end()) co_return found->second.entry;
  co_return co_await files_->threads.get(key);
}

Task<Result<ThreadIndex::Entry>> ThreadIndex::entry(std::uint64_t number) {
  if (number > stored_) {
    const std::uint64_t at = number - stored_ - 1;
    if (at >= waiting_.size())
      co_return Error(kWrongTimeline, directory_ + ": entry " + std::to_string(number) +
                                          " is not there; delete the directory and start again");
    co_return waiting_[at];
  }
  Entry found;
  const std::size_t got = KEEL_CO_TRY(co_await files_->entries->read(
      (number - 1) * sizeof(Entry), std::as_writable_bytes(std::span<Entry, 1>(&found, 1))));
  if (got != sizeof(Entry) || found.position == 0 || found.before >= number)
    co_return Error(kWrongTimeline, directory_ + ": entry " + std::to_string(number) +
                                        " is damaged; delete the directory and start again");
  co_return found;
}

Task<Result<>> ThreadIndex::put(const Thread& thread, Position position) {
  KEEL_ASSERT(position != Position{});
  KEEL_ASSERT(files_ != nullptr);
  const uint128 key = key_of(thread);
  const std::uint64_t before = KEEL_CO_TRY(co_await head_of(key));
  if (before != 0 && KEEL_CO_TRY(co_await entry(before)).position >= position.value())
    co_return success();
  waiting_.push_back({.position = position.value(), .before = before});
  heads_[key] = {.entry = stored_ + waiting_.size(), .changed = true};
  co_return success();
}

Task<Result<>> ThreadIndex::store() {
  if (!has_changes()) co_return success();
  KEEL_CO_TRY(co_await files_->entries->write(stored_ * sizeof(Entry),
                                              std::as_bytes(std::span<const Entry>(waiting_))));
  KEEL_CO_TRY(co_await files_->entries->sync());
  for (auto& [key, head] : heads_) {
    if (head.changed) KEEL_CO_TRY(co_await files_->threads.put(key, head.entry));
    head.changed = false;
  }
  KEEL_CO_TRY(co_await files_->threads.sync());
  stored_ += waiting_.size();
  waiting_.clear();
  // What goes on being used stays near.
  if (heads_.size() >= kMostWaiting / 2) heads_.clear();
  co_return success();
}

Task<Result<std::vector<Position>>> ThreadIndex::positions(Thread thread, std::size_t most) {
  std::vector<Position> found;
  if (files_ == nullptr) co_return found;
  std::uint64_t next = KEEL_CO_TRY(co_await head_of(key_of(thread)));
  while (next != 0 && found.size() < most) {
    const Entry each = KEEL_CO_TRY(co_await entry(next));
    found.emplace_back(each.position);
    next = each.before;
  }
  std::ranges::reverse(found);
  co_return found;
}

Task<Result<>> ThreadIndex::clear() {
  files_.reset();
  stored_ = 0;
  waiting_.clear();
  heads_.clear();
  for (const std::string_view name : {kThreads, kEntries}) {
    const Result<> removed = co_await disk_.remove(path(name));
    if (!removed.ok() && !removed.error().is(runtime::kNoSuchFile)) co_return removed;
  }
  co_return success();
}

}  // namespace keel::node
