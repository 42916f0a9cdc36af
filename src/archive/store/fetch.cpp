// The reading side of the DiskStore: missing blocks, each read once however many wait for it.
#include "archive/errors.hpp"
#include "archive/store/disk_store.hpp"
#include "runtime/scope.hpp"

namespace keel::archive {

using runtime::Task;

namespace {
// Reads of one request that are under way at once.
constexpr std::size_t kReadsAtOnce = 16;
}  // namespace

void DiskStore::refresh_roles() {
  roles_.clear();
  for (std::size_t t = 0; t < manifest_.tables.size(); ++t) {
    const TableFiles& table = manifest_.tables[t];
    for (const std::uint64_t file : table.files) roles_[file] = {.table = t, .run = std::nullopt};
    for (const IndexRuns& index : table.indexes) {
      for (const Run& run : index.runs) {
        roles_[run.file] = {.table = t, .run = index.shape_of(run, manifest_.block_bytes)};
      }
    }
  }
}

std::optional<BlockShape> DiskStore::shape_of(BlockId id) const {
  const auto role = roles_.find(id.file);
  if (role == roles_.end()) return std::nullopt;
  if (role->second.run.has_value()) return role->second.run->shape_of(id.block);
  const RowShape rows = manifest_.tables[role->second.table].shape(manifest_.block_bytes);
  return BlockShape{.kind = BlockKind::rows, .count = rows.per_block()};
}

Task<Result<>> DiskStore::fetch(BlockCache::Request& request) {
  Fetch fetch{.request = &request, .wanted = {}, .next = 0, .error = std::nullopt};
  const std::span<const BlockId> lacking = request.lacking();
  fetch.wanted.assign(lacking.begin(), lacking.end());
  request.clear_lacking();
  runtime::Scope scope(core_);
  for (std::size_t i = 0; i < std::min(kReadsAtOnce, fetch.wanted.size()); ++i) {
    scope.spawn(&DiskStore::fetch_some, this, &fetch);
  }
  co_await scope.join();
  if (fetch.error.has_value()) co_return std::move(*fetch.error);
  co_return success();
}

Task<> DiskStore::fetch_some(Fetch* fetch) {
  while (fetch->next < fetch->wanted.size() && !fetch->error.has_value()) {
    const BlockId id = fetch->wanted[fetch->next++];
    Result<> fetched = co_await fetch_one(id, *fetch->request);
    if (!fetched.ok() && !fetch->error.has_value()) fetch->error = std::move(fetched.error());
  }
}

Task<Result<>> DiskStore::fetch_one(BlockId id, BlockCache::Request& request) {
  while (reading_.contains(id)) KEEL_CO_TRY(co_await read_.wait({}));
  if (cache_.contains(id)) {
    static_cast<void>(request.find(id));  // pins it
    co_return success();
  }
  reading_.insert(id);
  Result<> done = co_await read_block(id, request);
  reading_.erase(id);
  read_.wake_all();
  co_return done;
}

Task<Result<>> DiskStore::read_block(BlockId id, BlockCache::Request& request) {
  // A file that is no longer named: a merge has ended since, and the next round asks for another.
  const std::optional<BlockShape> shape = shape_of(id);
  if (!shape.has_value()) co_return success();
  Bytes block(manifest_.block_bytes);
  KEEL_CO_TRY(co_await files_.read(id.file, id.block, manifest_.block_bytes, block));
  counted_.bytes_read += block.size();
  KEEL_CO_TRY(files_.check(block, id, *shape));
  if (!cache_.insert(id, shape->kind, block, request)) {
    co_return Error(kCacheFull, "every block of the cache is held by a request under way");
  }
  co_return success();
}

}  // namespace keel::archive
