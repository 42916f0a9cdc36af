// The merging side of the DiskStore: which runs, when, and what takes their place.
#include <algorithm>

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "archive/store/disk_store.hpp"
#include "base/assert.hpp"

namespace keel::archive {

using runtime::Task;

std::uint32_t DiskStore::fan_out_of(const IndexRuns& index) const {
  return index.unique ? options_.fan_out_unique : options_.fan_out;
}

std::size_t DiskStore::most_runs_of(const IndexRuns& index) const {
  return index.unique ? options_.most_runs_unique : options_.most_runs;
}

std::optional<DiskStore::MergePlace> DiskStore::most_urgent() const {
  std::optional<MergePlace> urgent;
  if (!merges_.empty()) urgent = merges_.begin()->first;
  for (std::size_t t = 0; t < manifest_.tables.size(); ++t) {
    for (std::size_t i = 0; i < manifest_.tables[t].indexes.size(); ++i) {
      const IndexRuns& index = manifest_.tables[t].indexes[i];
      std::map<std::uint32_t, std::uint32_t> runs_of;
      for (const Run& run : index.runs) ++runs_of[run.level];
      for (const auto& [level, runs] : runs_of) {
        const MergePlace place{.level = level, .table = t, .index = i};
        if (runs >= fan_out_of(index) && (!urgent.has_value() || place < *urgent)) urgent = place;
      }
    }
  }
  return urgent;
}

bool DiskStore::wants_merge() const {
  return most_urgent().has_value();
}

Merge& DiskStore::begin(MergePlace place) {
  if (const auto known = merges_.find(place); known != merges_.end()) return known->second;
  const TableFiles& table = manifest_.tables[place.table];
  const IndexRuns& index = table.indexes[place.index];
  std::vector<Run> inputs;
  for (const Run& run : index.runs) {
    if (run.level == place.level && inputs.size() < fan_out_of(index)) inputs.push_back(run);
  }
  return merges_
      .try_emplace(place, core_, files_, index, std::move(inputs), next_file_++,
                   manifest_.block_bytes, table.first_row)
      .first->second;
}

// The output stands where the inputs stood; of inputs that were dropped meanwhile nothing is left
// to stand for.
void DiskStore::replace(Manifest& manifest, MergePlace place, const Merge& merge) {
  std::vector<Run>& runs = manifest.tables[place.table].indexes[place.index].runs;
  const auto is_input = [&](const Run& run) {
    return std::ranges::find(merge.inputs(), run.file, &Run::file) != merge.inputs().end();
  };
  const auto first = std::ranges::find_if(runs, is_input);
  if (first == runs.end()) return;
  const std::ptrdiff_t at = first - runs.begin();
  std::erase_if(runs, is_input);
  if (const std::optional<Run> output = merge.output()) runs.insert(runs.begin() + at, *output);
}

Task<Result<bool>> DiskStore::merge_step(std::size_t bytes) {
  const std::optional<MergePlace> place = most_urgent();
  if (!place.has_value()) co_return false;
  Merge& merge = begin(*place);
  const std::uint64_t before = merge.bytes_written();
  Result<bool> done = co_await merge.step(bytes);
  counted_.bytes_merged += merge.bytes_written() - before;
  if (done.ok() && *done) {
    if (const Result<> named = co_await files_.sync_directory(); !named.ok()) done = named.error();
  }
  if (!done.ok()) {
    merges_.erase(*place);
    static_cast<void>(co_await sweep());  // as after a flush that was given up
    co_return done.error();
  }
  if (!*done) co_return true;
  Manifest next = manifest_;
  next.next_file = next_file_;
  replace(next, *place, merge);
  const std::uint64_t output = merge.file();
  if (pending_.has_value()) replace(*pending_, *place, merge);
  merges_.erase(*place);
  if (const Result<> published = co_await publish(std::move(next), output); !published.ok()) {
    static_cast<void>(co_await sweep());
    co_return published.error();
  }
  ++counted_.merges;
  KEEL_CO_TRY(co_await sweep());
  co_return true;
}

Task<Result<bool>> DiskStore::merge(std::size_t bytes) {
  KEEL_CO_TRY(co_await writing_.take({}));
  Result<bool> done = co_await merge_step(bytes);
  writing_.give_back();
  co_return done;
}

Task<Result<>> DiskStore::merge_while_full(const TableFiles& table) {
  const auto is_full = [this](const IndexRuns& index) {
    return index.runs.size() >= most_runs_of(index);
  };
  while (std::ranges::any_of(table.indexes, is_full)) {
    if (KEEL_CO_TRY(co_await merge_step(kStretchBytes))) continue;
    const auto full = std::ranges::find_if(table.indexes, is_full);
    co_return Error(kBehind, fmt::format("an index of table {:x} has {} runs, none of which can be "
                                         "merged before a commit",
                                         table.table.value(), full->runs.size()));
  }
  co_return success();
}

}  // namespace keel::archive
