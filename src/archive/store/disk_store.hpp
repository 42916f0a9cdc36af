// DiskStore: the Store in files. Private to this folder; Store::open() makes it.
#pragma once

#include <map>
#include <set>

#include "archive/store/run_build.hpp"
#include "archive/store/store.hpp"
#include "runtime/sync/semaphore.hpp"

namespace keel::archive {

class DiskStore final : public Store {
 public:
  DiskStore(runtime::Core& core, std::string directory,
            std::span<const kernel::ColdTableSchema> tables, StoreOptions options,
            Manifest manifest);

  // Takes over what is in the directory at the manifest's position: removes what is newer, and
  // files that nothing names. Once, before anything else.
  runtime::Task<Result<>> take_over();

  const Manifest& manifest() const noexcept override { return manifest_; }
  BlockCache& cache() noexcept override { return cache_; }
  runtime::Task<Result<>> fetch(BlockCache::Request& request) override;
  runtime::Task<Result<std::uint64_t>> flush(kernel::TableId table, std::uint64_t end,
                                             const RowFeed& feed) override;
  runtime::Task<Result<>> commit(Position position) override;
  void drop_before(kernel::TableId table, std::uint64_t row) override;
  runtime::Task<Result<>> forget_before(Position position) override;
  runtime::Task<Result<bool>> merge(std::size_t bytes) override;
  bool wants_merge() const override;
  StoreStatistics statistics() const override;
  runtime::Task<Result<>> close() override;

 private:
  // What a file holds, to know what its blocks must be.
  struct Role {
    std::size_t table = 0;
    std::optional<RunShape> run;  // nullopt: rows
  };
  // Where a merge belongs; in the order of urgency.
  struct MergePlace {
    std::uint32_t level;
    std::size_t table;
    std::size_t index;
    friend auto operator<=>(const MergePlace&, const MergePlace&) = default;
  };
  struct Fetch {
    BlockCache::Request* request;
    std::vector<BlockId> wanted;
    std::size_t next = 0;
    std::optional<Error> error;
  };

  // fetch.cpp
  std::optional<BlockShape> shape_of(BlockId id) const;
  void refresh_roles();
  runtime::Task<> fetch_some(Fetch* fetch);
  runtime::Task<Result<>> fetch_one(BlockId id, BlockCache::Request& request);
  runtime::Task<Result<>> read_block(BlockId id, BlockCache::Request& request);

  // flushing.cpp
  runtime::Task<Result<std::uint64_t>> flush_rows(TableFiles& table, std::uint64_t end,
                                                  const RowFeed& feed);
  std::vector<EntrySorter> sorters_of(const TableFiles& table) const;
  runtime::Task<Result<>> write_rows(TableFiles& table, std::uint64_t end, const RowFeed& feed,
                                     std::span<EntrySorter> sorters);
  runtime::Task<Result<runtime::File*>> file_of_block(TableFiles& table, std::uint64_t nth);
  runtime::Task<Result<>> build_runs(TableFiles& table, std::uint64_t first,
                                     std::vector<EntrySorter> sorters);
  runtime::Task<Result<>> commit_pending(Position position);
  void end_flush();
  runtime::Task<> give_up_flush();

  // disk_store.cpp
  void apply_drops(Manifest& next) const;
  // Saves the manifest, which then is the store's. `output`: of the merge that it comes from.
  runtime::Task<Result<>> publish(Manifest next, std::optional<std::uint64_t> output = {});
  // Removes files that no manifest names, none is being written to, and none may come to name.
  runtime::Task<Result<>> sweep();
  runtime::Task<Result<>> settle_doubt();

  // merging.cpp
  std::uint32_t fan_out_of(const IndexRuns& index) const;
  std::size_t most_runs_of(const IndexRuns& index) const;
  std::optional<MergePlace> most_urgent() const;
  Merge& begin(MergePlace place);
  runtime::Task<Result<bool>> merge_step(std::size_t bytes);
  runtime::Task<Result<>> merge_while_full(const TableFiles& table);
  static void replace(Manifest& manifest, MergePlace place, const Merge& merge);

  runtime::Core& core_;
  std::vector<kernel::ColdTableSchema> schemas_;
  StoreOptions options_;
  FileSet files_;
  BlockCache cache_;
  Manifest manifest_;                               // as committed
  std::optional<Manifest> pending_;                 // with what was flushed since
  std::map<kernel::TableId, std::uint64_t> drops_;  // first rows to keep, from the next commit on
  std::uint64_t next_file_;
  std::map<Position, std::vector<std::uint64_t>> older_;  // files of older manifests that are kept
  std::map<std::uint64_t, Role> roles_;                   // by file, of manifest_
  // Files of rows that were written to since the last commit.
  std::map<std::uint64_t, std::unique_ptr<runtime::File>> unsynced_;
  std::map<MergePlace, Merge> merges_;
  // Outputs of merges whose manifest may or may not be on the disk.
  std::set<std::uint64_t> uncertain_;
  // Where a commit has failed whose manifest may be on the disk all the same. No file goes before
  // that one is gone.
  std::optional<Position> doubtful_;
  runtime::Semaphore writing_;  // whoever changes files or manifests

  std::set<BlockId> reading_;
  runtime::WaitQueue read_;  // woken when one of reading_ has ended
  StoreStatistics counted_;  // the counts since the opening
};

}  // namespace keel::archive
