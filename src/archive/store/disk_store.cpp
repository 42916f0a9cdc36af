#include "archive/store/disk_store.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "base/assert.hpp"

namespace keel::archive {

using runtime::Task;

Task<Result<std::vector<Position>>> Store::positions(runtime::Disk& disk, std::string directory) {
  FileSet files(disk, std::move(directory));
  FileSet::Listing listing = KEEL_CO_TRY(co_await files.list());
  std::ranges::reverse(listing.manifests);
  co_return std::move(listing.manifests);
}

Task<Result<std::unique_ptr<Store>>> Store::open(runtime::Core& core, std::string directory,
                                                 std::span<const kernel::ColdTableSchema> tables,
                                                 StoreOptions options, Position at) {
  if (options.fan_out < 2 || options.fan_out_unique < 2 || options.run_rows == 0 ||
      options.most_runs <= options.fan_out || options.most_runs_unique <= options.fan_out_unique) {
    co_return Error(
        kBadOptions,
        fmt::format("fan-outs {} and {} (at least 2), {} rows a run, {} and {} runs at most "
                    "(more than a fan-out)",
                    options.fan_out, options.fan_out_unique, options.run_rows, options.most_runs,
                    options.most_runs_unique));
  }
  Manifest manifest =
      KEEL_CO_TRY(empty_manifest(tables, options.block_bytes, options.blocks_per_file));
  if (!at.is_zero()) {
    FileSet files(core.disk(), directory);
    manifest = KEEL_CO_TRY(co_await files.load_manifest(at));
    Result<> same = check_owner(manifest, options.owner);
    if (same.ok()) same = add_new_tables(manifest, tables, options.blocks_per_file);
    if (same.ok()) same = check_schema(manifest, tables);
    if (!same.ok()) {
      co_return Error(same.error().kind(),
                      files.manifest_path_of(at) + ": " + same.error().detail());
    }
  }
  if (options.owner != OwnerId{}) manifest.owner = options.owner;
  auto store =
      std::make_unique<DiskStore>(core, std::move(directory), tables, options, std::move(manifest));
  KEEL_CO_TRY(co_await store->take_over());
  co_return std::unique_ptr<Store>(std::move(store));
}

DiskStore::DiskStore(runtime::Core& core, std::string directory,
                     std::span<const kernel::ColdTableSchema> tables, StoreOptions options,
                     Manifest manifest)
    : core_(core),
      schemas_(tables.begin(), tables.end()),
      options_(options),
      files_(core.disk(), std::move(directory)),
      cache_(manifest.block_bytes, options.cache_bytes),
      manifest_(std::move(manifest)),
      next_file_(manifest_.next_file),
      writing_(core, 1),
      read_(core) {}

Task<Result<>> DiskStore::take_over() {
  const FileSet::Listing listing = KEEL_CO_TRY(co_await files_.list());
  for (const Position position : listing.manifests) {
    if (position == manifest_.position) continue;
    if (position < manifest_.position) {
      const Result<Manifest> older = co_await files_.load_manifest(position);
      if (older.ok()) {
        older_[position] = older->file_numbers();
        continue;
      }
      if (!older.error().is(kDamaged)) co_return older.error();
    }
    KEEL_CO_TRY(co_await files_.remove_manifest(position));
  }
  // Before the files go that only those have named.
  KEEL_CO_TRY(co_await files_.sync_directory());
  // A number is not used again even where the file's removal may not be durable.
  if (!listing.files.empty()) next_file_ = std::max(next_file_, listing.files.back() + 1);
  refresh_roles();
  co_return co_await sweep();
}

// A manifest that may or may not have been saved names files that would go.
Task<Result<>> DiskStore::settle_doubt() {
  if (!doubtful_.has_value()) co_return success();
  KEEL_CO_TRY(co_await files_.remove_manifest(*doubtful_));
  KEEL_CO_TRY(co_await files_.sync_directory());
  doubtful_.reset();
  co_return success();
}

Task<Result<>> DiskStore::sweep() {
  KEEL_CO_TRY(co_await settle_doubt());
  std::set<std::uint64_t> wanted = uncertain_;
  const auto want = [&](const std::vector<std::uint64_t>& files) {
    wanted.insert(files.begin(), files.end());
  };
  want(manifest_.file_numbers());
  if (pending_.has_value()) want(pending_->file_numbers());
  for (const auto& [position, files] : older_) want(files);
  for (const auto& [place, merge] : merges_) {
    wanted.insert(merge.file());
    for (const Run& run : merge.inputs()) wanted.insert(run.file);
  }
  const FileSet::Listing listing = KEEL_CO_TRY(co_await files_.list());
  for (const std::uint64_t file : listing.files) {
    if (wanted.contains(file)) continue;
    cache_.forget(file);
    KEEL_CO_TRY(co_await files_.remove(file));
  }
  co_return success();
}

Task<Result<>> DiskStore::publish(Manifest next, std::optional<std::uint64_t> output) {
  const bool newer = next.position != manifest_.position;
  if (newer && doubtful_ != next.position) KEEL_CO_TRY(co_await settle_doubt());
  KEEL_CO_TRY(co_await files_.write_manifest(next));
  // From here on it may be there, whatever is answered.
  if (newer) doubtful_ = next.position;
  if (output.has_value()) uncertain_.insert(*output);
  KEEL_CO_TRY(co_await files_.name_manifest(next.position));
  if (newer) doubtful_.reset();
  if (newer && !manifest_.position.is_zero()) {
    std::vector<std::uint64_t>& files = older_[manifest_.position];
    files = manifest_.file_numbers();
    files.insert(files.end(), uncertain_.begin(), uncertain_.end());
  }
  uncertain_.clear();
  manifest_ = std::move(next);
  refresh_roles();
  co_return success();
}

void DiskStore::drop_before(kernel::TableId table, std::uint64_t row) {
  KEEL_ASSERT(row <= manifest_.table(table).rows);
  std::uint64_t& first = drops_[table];
  first = std::max(first, row);
}

void DiskStore::apply_drops(Manifest& next) const {
  for (const auto& [id, row] : drops_) {
    TableFiles& table = next.table(id);
    table.first_row = std::max(table.first_row, row);
    const std::uint64_t whole_files = table.first_row / table.shape(next.block_bytes).per_file();
    const auto gone = static_cast<std::ptrdiff_t>(whole_files - table.files_dropped);
    table.files.erase(table.files.begin(), table.files.begin() + gone);
    table.files_dropped = whole_files;
    for (IndexRuns& index : table.indexes) {
      std::erase_if(index.runs, [&](const Run& run) { return run.end_row <= table.first_row; });
    }
  }
}

Task<Result<>> DiskStore::forget_before(Position position) {
  KEEL_CO_TRY(co_await writing_.take({}));
  Result<> done = success();
  while (done.ok() && !older_.empty() && older_.begin()->first < position) {
    done = co_await files_.remove_manifest(older_.begin()->first);
    if (done.ok()) older_.erase(older_.begin());
  }
  if (done.ok()) done = co_await files_.sync_directory();
  if (done.ok()) done = co_await sweep();
  writing_.give_back();
  co_return done;
}

StoreStatistics DiskStore::statistics() const {
  StoreStatistics statistics = counted_;
  statistics.cache = cache_.statistics();
  statistics.cache_bytes = cache_.bytes();
  for (const TableFiles& table : manifest_.tables) {
    statistics.files += table.files.size();
    const RowShape rows = table.shape(manifest_.block_bytes);
    const std::uint64_t blocks = table.rows / rows.per_block();
    statistics.bytes += (blocks - table.files_dropped * table.blocks_per_file) * rows.block_bytes;
    statistics.rows += table.rows - table.first_row;
    for (const IndexRuns& index : table.indexes) {
      for (const Run& run : index.runs) {
        ++statistics.files;
        ++statistics.runs;
        statistics.bytes += index.shape_of(run, manifest_.block_bytes).blocks() * rows.block_bytes;
        if (statistics.runs_by_level.size() <= run.level) {
          statistics.runs_by_level.resize(run.level + 1);
        }
        ++statistics.runs_by_level[run.level];
      }
    }
  }
  return statistics;
}

Task<Result<>> DiskStore::close() {
  while (!reading_.empty()) KEEL_CO_TRY(co_await read_.wait({}));
  KEEL_CO_TRY(co_await writing_.take({}));
  end_flush();
  merges_.clear();
  files_.close_all();
  co_return success();
}

}  // namespace keel::archive
