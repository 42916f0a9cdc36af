// The writing side of the DiskStore: rows into their files, an index run over each stretch of
// them, and the commit that makes them count.
#include <fmt/core.h>

#include "archive/errors.hpp"
#include "archive/store/disk_store.hpp"
#include "runtime/offload.hpp"

namespace keel::archive {

using runtime::Task;

Task<Result<std::uint64_t>> DiskStore::flush(kernel::TableId id, std::uint64_t end,
                                             const RowFeed& feed) {
  KEEL_CO_TRY(co_await writing_.take({}));
  if (!pending_.has_value()) pending_ = manifest_;
  Result<std::uint64_t> flushed = co_await flush_rows(pending_->table(id), end, feed);
  if (!flushed.ok()) co_await give_up_flush();
  writing_.give_back();
  co_return flushed;
}

Task<Result<std::uint64_t>> DiskStore::flush_rows(TableFiles& table, std::uint64_t end,
                                                  const RowFeed& feed) {
  const std::uint64_t per_block = table.shape(manifest_.block_bytes).per_block();
  const std::uint64_t a_run = std::max<std::uint64_t>(1, options_.run_rows / per_block) * per_block;
  end -= end % per_block;
  while (table.rows < end) {
    KEEL_CO_TRY(co_await merge_while_full(table));
    const std::uint64_t first = table.rows;
    std::vector<EntrySorter> sorters = sorters_of(table);
    KEEL_CO_TRY(co_await write_rows(table, std::min(end, first + a_run), feed, sorters));
    KEEL_CO_TRY(co_await build_runs(table, first, std::move(sorters)));
  }
  co_return table.rows;
}

std::vector<EntrySorter> DiskStore::sorters_of(const TableFiles& table) const {
  const auto schema = std::ranges::find(schemas_, table.table, &kernel::ColdTableSchema::table);
  std::vector<EntrySorter> sorters;
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    const IndexRuns& index = table.indexes[i];
    sorters.emplace_back(index.entry_bytes(), index.unique, schema->indexes[i].entries_of);
  }
  return sorters;
}

// Each row passes here once: into its block, and its entries to the sorter of each index.
Task<Result<>> DiskStore::write_rows(TableFiles& table, std::uint64_t end, const RowFeed& feed,
                                     std::span<EntrySorter> sorters) {
  const std::uint32_t block_bytes = manifest_.block_bytes;
  const RowShape shape = table.shape(block_bytes);
  Bytes blocks;
  while (table.rows < end) {
    const std::uint64_t nth = table.rows / shape.per_block();
    const std::uint64_t in_file = nth % shape.blocks_per_file;
    const std::uint64_t count =
        std::min({std::max<std::uint64_t>(1, kStretchBytes / block_bytes),
                  (end - table.rows) / shape.per_block(), shape.blocks_per_file - in_file});
    runtime::File* file = KEEL_CO_TRY(co_await file_of_block(table, nth));
    const BlockId first{.file = table.files.back(), .block = in_file};
    blocks.assign(static_cast<std::size_t>(count * block_bytes), std::byte{});
    const auto block_at = [&](std::uint64_t i) {
      return ByteSpan(blocks).subspan(static_cast<std::size_t>(i * block_bytes), block_bytes);
    };
    for (std::uint64_t i = 0; i < count; ++i) {
      feed.copy(table.rows + i * shape.per_block(),
                block_at(i).first(std::size_t{shape.per_block()} * shape.record_bytes));
      co_await core_.yield();
    }
    KEEL_CO_TRY(co_await core_.offload().run([&]() noexcept {
      for (std::uint64_t i = 0; i < count; ++i) {
        for (std::uint32_t nth = 0; nth < shape.per_block(); ++nth) {
          const ByteView record =
              block_at(i).subspan(std::size_t{nth} * shape.record_bytes, shape.record_bytes);
          const std::uint64_t row = table.rows + i * shape.per_block() + nth;
          for (EntrySorter& sorter : sorters) sorter.take(record, row);
        }
        seal_block(block_at(i), {.file = first.file, .block = first.block + i},
                   {.kind = BlockKind::rows, .count = shape.per_block()});
      }
    }));
    KEEL_CO_TRY(co_await file->write(in_file * block_bytes, blocks));
    counted_.bytes_flushed += blocks.size();
    table.rows += count * shape.per_block();
  }
  co_return success();
}

Task<Result<runtime::File*>> DiskStore::file_of_block(TableFiles& table, std::uint64_t nth) {
  const std::uint64_t place = nth / table.blocks_per_file - table.files_dropped;
  if (place == table.files.size()) table.files.push_back(next_file_++);
  const std::uint64_t file = table.files[place];
  std::unique_ptr<runtime::File>& open = unsynced_[file];
  if (open == nullptr) open = KEEL_CO_TRY(co_await files_.open_to_write(file));
  co_return open.get();
}

Task<Result<>> DiskStore::build_runs(TableFiles& table, std::uint64_t first,
                                     std::vector<EntrySorter> sorters) {
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    IndexRuns& index = table.indexes[i];
    const BuiltRun built = KEEL_CO_TRY(co_await build_run(core_, files_, std::move(sorters[i]),
                                                          {.file = next_file_++,
                                                           .block_bytes = manifest_.block_bytes,
                                                           .entry_bytes = index.entry_bytes(),
                                                           .unique = index.unique,
                                                           .first_row = first,
                                                           .end_row = table.rows}));
    counted_.bytes_flushed += built.bytes;
    if (built.run.has_value()) index.runs.push_back(*built.run);
  }
  co_return success();
}

void DiskStore::end_flush() {
  pending_.reset();
  unsynced_.clear();
}

// What was written of it goes at once: whoever tries again writes into other files, and a disk that
// is full stays so until these are gone.
Task<> DiskStore::give_up_flush() {
  end_flush();
  static_cast<void>(co_await sweep());
}

Task<Result<>> DiskStore::commit(Position position) {
  if (position <= manifest_.position) {
    co_return Error(kOutOfOrder, fmt::format("position {} after {}", position.value(),
                                             manifest_.position.value()));
  }
  KEEL_CO_TRY(co_await writing_.take({}));
  Result<> committed = co_await commit_pending(position);
  if (!committed.ok()) {
    co_await give_up_flush();
  } else {
    end_flush();
    // What was asked for meanwhile waits for the next one.
    std::erase_if(drops_, [this](const auto& drop) {
      return manifest_.table(drop.first).first_row >= drop.second;
    });
    committed = co_await sweep();
  }
  writing_.give_back();
  co_return committed;
}

Task<Result<>> DiskStore::commit_pending(Position position) {
  for (const auto& [number, file] : unsynced_) KEEL_CO_TRY(co_await file->sync());
  KEEL_CO_TRY(co_await files_.sync_directory());
  Manifest next = pending_.has_value() ? std::move(*pending_) : manifest_;
  apply_drops(next);
  next.position = position;
  next.next_file = next_file_;
  co_return co_await publish(std::move(next));
}

}  // namespace keel::archive
