// Store: the archive on a disk. Rows of append-only tables go in, in order, by flush(); they count
// from commit() on, which names the position of the journal at which all of them were there. What
// is in it never changes; sorted runs are merged behind the scenes.
//
//   store = co_await Store::open(core, "data/archive", schemas, options, snapshot_position);
//   BlockCache::Request request(store->cache());
//   for (;;) {                                              // what the engine does for a query
//     Search search(store->manifest(), request);            // never kept over a co_await
//     if (module.query(search, …)) break;
//     KEEL_CO_TRY(co_await store->fetch(request));          // what it lacked; then again
//   }
//   co_await store->flush(kTransfers, hot.end(), hot);      // with each snapshot
//   co_await store->commit(position);
//   while (co_await store->merge(1 << 20)) …                // one task, whenever there is time
//
// Crashes: an opening at a committed position finds what was there at that commit, whatever was
// being written. Files that no kept manifest names are removed. A read error or a damaged block is
// an error of the fetch() that met it, and of nothing else.
//
// Thread: one core. Sorting, checksums and merging run on its offload thread, files are read and
// written by its disk port; on the core itself there is only the copying of rows, in slices.
// flush(), commit(), merge(), drop_before() and forget_before() may be called by different tasks:
// they wait for each other, a merge for one step at most. Lifetime: outlives its requests; closed
// before it is destroyed.
//
// Memory: the cache's budget; about 3 MiB for each merge that is under way (one a level at most),
// about 300 bytes a row of `run_rows` while the runs of a flush are built (the entries of all
// indexes, and 24 bytes for each of the one that is sorted); the manifest.
#pragma once

#include <memory>
#include <string>

#include "archive/block_cache.hpp"
#include "archive/search.hpp"
#include "runtime/core.hpp"

namespace keel::archive {

struct StoreOptions {
  OwnerId owner{};  // whose rows they are; zeros: not known, and not compared
  std::uint32_t block_bytes = 16 * 1024;
  std::uint32_t blocks_per_file = 16 * 1024;  // of a file of rows
  std::size_t cache_bytes = std::size_t{64} << 20;
  // A run of the lowest level indexes at most so many rows.
  std::uint64_t run_rows = 256 * 1024;
  // So many runs of a level become one of the next: more means less writing, and more runs to ask.
  std::uint32_t fan_out_unique = 4;  // asked for every new id
  std::uint32_t fan_out = 8;
  // Of one index. At that many flush() merges first, and answers kBehind when that does not help:
  // what waits for a commit() is not merged. The filter of each run of a unique index is asked for
  // every new key.
  std::size_t most_runs_unique = 20;
  std::size_t most_runs = 64;
};

// Where a flush takes its rows from.
class RowFeed {
 public:
  // Copies the records of the rows from `first` on until `into` is full. On the store's core, at
  // most 64 KiB or one block a call.
  virtual void copy(std::uint64_t first, ByteSpan into) const = 0;

 protected:
  ~RowFeed() = default;
};

struct StoreStatistics {
  CacheStatistics cache;
  std::size_t cache_bytes = 0;
  std::uint64_t files = 0;  // named by the newest manifest
  std::uint64_t bytes = 0;  // in them
  std::uint64_t rows = 0;
  std::uint64_t runs = 0;
  std::vector<std::uint64_t> runs_by_level;
  // Since the opening:
  std::uint64_t bytes_read = 0;     // by fetch()
  std::uint64_t bytes_flushed = 0;  // rows and runs of the lowest level
  std::uint64_t bytes_merged = 0;   // runs of higher levels
  std::uint64_t merges = 0;
};

class Store {
 public:
  // Positions that were committed and can be opened at, newest first. Makes the directory.
  static runtime::Task<Result<std::vector<Position>>> positions(runtime::Disk& disk,
                                                                std::string directory);

  // The store as it was committed at `at`; everything newer is removed. Zero: an empty one, and
  // everything is removed. kNoManifest, kDamaged, kOtherSchema, kNewerFormat: nothing was removed,
  // and an older position may do. kOtherOwner: nothing was removed, and none will do. `block_bytes`
  // and `blocks_per_file` count for an empty one only.
  static runtime::Task<Result<std::unique_ptr<Store>>> open(
      runtime::Core& core, std::string directory, std::span<const kernel::ColdTableSchema> tables,
      StoreOptions options, Position at);

  virtual ~Store() = default;

  // What has been committed. The reference stays, what it says changes with commit() and merge():
  // never keep a Search over a co_await.
  virtual const Manifest& manifest() const noexcept [[clang::lifetimebound]] = 0;
  virtual BlockCache& cache() noexcept [[clang::lifetimebound]] = 0;

  // Brings what the request lacks into the cache, pinned for it, and clears its list. kDamaged
  // names file and offset; kCacheFull when the request and others hold all of the cache.
  virtual runtime::Task<Result<>> fetch(BlockCache::Request& request) = 0;

  // Takes the rows of the table from the first that it has not yet on, up to `end`, into files, in
  // whole blocks: what is left of a block stays with the caller. Answers the number of the first
  // row that is not in a file; those before it may leave memory when commit() has succeeded and
  // the snapshot that goes with it is published. The numbering begins at the table's rows in
  // manifest(), and goes on from flush to flush. After an error what was flushed since the last
  // commit() is to be flushed again.
  virtual runtime::Task<Result<std::uint64_t>> flush(kernel::TableId table, std::uint64_t end,
                                                     const RowFeed& feed) = 0;
  // Makes everything flushed durable, and a part of the manifest, under a position behind the last
  // one (kOutOfOrder: nothing was done). After another error what was flushed since the last
  // commit() is to be flushed again; the position may be tried again.
  virtual runtime::Task<Result<>> commit(Position position) = 0;
  // Rows before `row` may go, with the next commit(): whole files, and runs that are of no others.
  // They are not found any more from then on.
  virtual void drop_before(kernel::TableId table, std::uint64_t row) = 0;
  // Forgets the manifests of older positions, and removes files that only they have named.
  virtual runtime::Task<Result<>> forget_before(Position position) = 0;

  // A step of the most urgent merge: about so many bytes read and written. False: there is nothing
  // to merge; this comes without a suspension: wait before asking again. After an error the merge
  // begins anew.
  virtual runtime::Task<Result<bool>> merge(std::size_t bytes) = 0;
  // Whether merge() would find something to do.
  virtual bool wants_merge() const = 0;

  virtual StoreStatistics statistics() const = 0;

  // Waits for what is under way and closes the files. After it only destruction is allowed.
  virtual runtime::Task<Result<>> close() = 0;
};

}  // namespace keel::archive
