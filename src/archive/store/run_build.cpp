#include "archive/store/run_build.hpp"

#include <algorithm>

#include "archive/filter.hpp"
#include "base/assert.hpp"
#include "runtime/offload.hpp"

namespace keel::archive {

using runtime::Task;

namespace {

std::uint64_t first_word(ByteView entry) {
  std::uint64_t word = 0;
  std::memcpy(&word, entry.data(), sizeof(word));
  return __builtin_bswap64(word);
}

std::uint64_t last_word(ByteView entry) {
  std::uint64_t word = 0;
  std::memcpy(&word, entry.last(sizeof(word)).data(), sizeof(word));
  return __builtin_bswap64(word);
}

Task<Result<>> write_out(runtime::File& file, RunWriter& writer, std::uint32_t block_bytes,
                         std::uint64_t& bytes_written) {
  for (RunWriter::Stretch* stretch : {&writer.filter(), &writer.body()}) {
    if (stretch->bytes.empty()) continue;
    KEEL_CO_TRY(co_await file.write(stretch->first_block * block_bytes, stretch->bytes));
    bytes_written += stretch->bytes.size();
    stretch->clear_written(block_bytes);
  }
  co_return success();
}

// The entries of a flush, on their way to be sorted.
class EntrySorter {
 public:
  EntrySorter(std::uint32_t entry_bytes, bool unique) : entry_bytes_(entry_bytes), mixed_(unique) {}

  // The entries of the rows of whole blocks, the first of which has this number.
  void take(ByteView blocks, std::uint32_t block_bytes, const TableFiles& table,
            std::uint64_t first_row, kernel::ColdIndexSchema::EntriesOf entries_of) {
    const std::uint32_t per_block = table.shape(block_bytes).per_block();
    for (; !blocks.empty(); blocks = blocks.subspan(block_bytes)) {
      for (std::uint32_t i = 0; i < per_block; ++i, ++first_row) {
        const std::size_t before = entries_.size();
        entries_of(blocks.subspan(std::size_t{i} * table.record_bytes, table.record_bytes),
                   first_row, entries_);
        KEEL_ASSERT((entries_.size() - before) % entry_bytes_ == 0);
        if (mixed_) mix_keys(before);
      }
    }
  }
  void sort() {
    order_.reserve(entries_.size() / entry_bytes_);
    for (std::size_t at = 0; at < entries_.size(); at += entry_bytes_) {
      order_.push_back({.prefix = first_word(ByteView(entries_).subspan(at)), .at = at});
    }
    std::ranges::sort(order_, [this](const Place& left, const Place& right) {
      if (left.prefix != right.prefix) return left.prefix < right.prefix;
      return std::memcmp(entry(left.at).data(), entry(right.at).data(), entry_bytes_) < 0;
    });
  }
  std::size_t size() const noexcept { return order_.size(); }
  ByteView operator[](std::size_t nth) const { return entry(order_[nth].at); }

 private:
  struct Place {
    std::uint64_t prefix;
    std::size_t at;
  };
  ByteView entry(std::size_t at) const { return ByteView(entries_).subspan(at, entry_bytes_); }
  void mix_keys(std::size_t from) {
    for (; from < entries_.size(); from += entry_bytes_) {
      mix_key(ByteSpan(entries_).subspan(from, entry_bytes_ - sizeof(std::uint64_t)));
    }
  }

  std::uint32_t entry_bytes_;
  bool mixed_;
  Bytes entries_;
  std::vector<Place> order_;
};

// Reads the rows back and collects their entries, sorted.
Task<Result<>> collect(runtime::Core& core, FileSet& files, const RunOfRows& what,
                       EntrySorter& sorter) {
  const RowShape shape = what.table->shape(what.block_bytes);
  const std::uint64_t most = std::max<std::uint64_t>(1, kStretchBytes / what.block_bytes);
  Bytes blocks;
  for (std::uint64_t row = what.first_row; row < what.end_row;) {
    const BlockId first = what.table->place_of(row, what.block_bytes).block;
    const std::uint64_t count = std::min({most, (what.end_row - row) / shape.per_block(),
                                          std::uint64_t{shape.blocks_per_file} - first.block});
    blocks.resize(static_cast<std::size_t>(count * what.block_bytes));
    KEEL_CO_TRY(co_await files.read(first.file, first.block, what.block_bytes, blocks));
    Result<> whole = KEEL_CO_TRY(co_await core.offload().run([&]() noexcept -> Result<> {
      for (std::uint64_t i = 0; i < count; ++i) {
        KEEL_TRY(files.check(ByteView(blocks).subspan(
                                 static_cast<std::size_t>(i * what.block_bytes), what.block_bytes),
                             {.file = first.file, .block = first.block + i},
                             {.kind = BlockKind::rows, .count = shape.per_block()}));
      }
      sorter.take(blocks, what.block_bytes, *what.table, row, what.entries_of);
      return success();
    }));
    if (!whole.ok()) co_return whole.error();
    row += count * shape.per_block();
  }
  co_return co_await core.offload().run([&]() noexcept { sorter.sort(); });
}

}  // namespace

Task<Result<BuiltRun>> build_run(runtime::Core& core, FileSet& files, RunOfRows what) {
  const std::uint32_t entry_bytes = what.index->entry_bytes();
  EntrySorter sorter(entry_bytes, what.index->unique);
  KEEL_CO_TRY(co_await collect(core, files, what, sorter));
  if (sorter.size() == 0) co_return BuiltRun{};

  BuiltRun built;
  RunWriter writer(what.file, what.block_bytes, entry_bytes, what.index->unique, sorter.size());
  const std::unique_ptr<runtime::File> file = KEEL_CO_TRY(co_await files.open_to_write(what.file));
  for (std::size_t at = 0; at < sorter.size();) {
    KEEL_CO_TRY(co_await core.offload().run([&]() noexcept {
      while (at < sorter.size() && writer.waiting_bytes() < kStretchBytes) {
        writer.add(sorter[at++]);
      }
      if (at == sorter.size()) writer.finish();
    }));
    KEEL_CO_TRY(co_await write_out(*file, writer, what.block_bytes, built.bytes));
  }
  KEEL_CO_TRY(co_await file->sync());
  const RunShape shape = writer.shape();
  built.run = Run{.file = what.file,
                  .level = 0,
                  .filters = shape.filters,
                  .entries = shape.entries,
                  .first_row = what.first_row,
                  .end_row = what.end_row};
  co_return built;
}

Merge::Merge(runtime::Core& core, FileSet& files, const IndexRuns& index, std::vector<Run> inputs,
             std::uint64_t file, std::uint32_t block_bytes, std::uint64_t first_row)
    : core_(core),
      files_(files),
      inputs_(std::move(inputs)),
      file_(file),
      entry_bytes_(index.entry_bytes()),
      first_row_(first_row),
      writer_(file, block_bytes, index.entry_bytes(), index.unique, [this] {
        std::uint64_t entries = 0;
        for (const Run& run : inputs_) entries += run.entries;
        return entries;
      }()) {
  for (const Run& run : inputs_) {
    const RunShape shape = index.shape_of(run, block_bytes);
    sources_.push_back({.file = run.file,
                        .shape = shape,
                        .next_block = shape.filters,
                        .end_block = shape.block_at(0, shape.leaves() - 1) + 1,
                        .blocks = {},
                        .entries = {}});
  }
}

Task<Result<>> Merge::refill(Input& input) {
  const std::uint32_t block_bytes = input.shape.block_bytes;
  const std::uint64_t count = std::min(std::max<std::uint64_t>(1, kStretchBytes / block_bytes / 2),
                                       input.end_block - input.next_block);
  input.blocks.resize(static_cast<std::size_t>(count * block_bytes));
  KEEL_CO_TRY(co_await files_.read(input.file, input.next_block, block_bytes, input.blocks));
  input.first_block = input.next_block;
  input.next_block += count;
  bytes_read_ += input.blocks.size();
  co_return success();
}

Result<> Merge::unpack(Input& input) const {
  input.entries.clear();
  input.at = 0;
  const std::uint32_t block_bytes = input.shape.block_bytes;
  std::uint64_t number = input.first_block;
  for (ByteView left = input.blocks; !left.empty(); left = left.subspan(block_bytes), ++number) {
    const BlockShape shape = input.shape.shape_of(number);
    const ByteView block = left.first(block_bytes);
    KEEL_TRY(files_.check(block, {.file = input.file, .block = number}, shape));
    if (shape.kind != BlockKind::leaf) continue;  // a fence between leaves
    append(input.entries, block.first(std::size_t{shape.count} * entry_bytes_));
  }
  input.blocks.clear();
  if (!input.dry()) input.prefix = first_word(input.entries);
  return success();
}

Result<> Merge::merge_buffered() {
  for (Input& input : sources_) {
    if (!input.blocks.empty()) KEEL_TRY(unpack(input));
  }
  while (writer_.waiting_bytes() < kStretchBytes) {
    Input* least = nullptr;
    for (Input& input : sources_) {
      if (input.dry()) {
        if (input.ended()) continue;
        return success();  // more of it must be read before one can go on
      }
      if (least == nullptr || input.prefix < least->prefix ||
          (input.prefix == least->prefix &&
           std::memcmp(ByteView(input.entries).subspan(input.at).data(),
                       ByteView(least->entries).subspan(least->at).data(), entry_bytes_) < 0)) {
        least = &input;
      }
    }
    if (least == nullptr) {
      if (writer_.shape().entries > 0) writer_.finish();
      finished_ = true;
      return success();
    }
    const ByteView entry = ByteView(least->entries).subspan(least->at, entry_bytes_);
    if (last_word(entry) >= first_row_) writer_.add(entry);
    least->at += entry_bytes_;
    if (!least->dry()) least->prefix = first_word(ByteView(least->entries).subspan(least->at));
  }
  return success();
}

Task<Result<bool>> Merge::step(std::size_t bytes) {
  KEEL_ASSERT(!finished_);
  if (output_ == nullptr) output_ = KEEL_CO_TRY(co_await files_.open_to_write(file_));
  const std::uint64_t until = bytes_read_ + std::max<std::size_t>(bytes, 1);
  while (!finished_ && bytes_read_ < until) {
    for (Input& input : sources_) {
      if (input.dry() && !input.ended()) KEEL_CO_TRY(co_await refill(input));
    }
    Result<> merged =
        KEEL_CO_TRY(co_await core_.offload().run([this]() noexcept { return merge_buffered(); }));
    if (!merged.ok()) co_return merged.error();
    KEEL_CO_TRY(
        co_await write_out(*output_, writer_, sources_.front().shape.block_bytes, bytes_written_));
  }
  if (!finished_) co_return false;
  KEEL_CO_TRY(co_await output_->sync());
  output_.reset();
  co_return true;
}

std::optional<Run> Merge::output() const {
  KEEL_ASSERT(finished_);
  const RunShape shape = writer_.shape();
  if (shape.entries == 0) return std::nullopt;
  return Run{.file = file_,
             .level = inputs_.front().level + 1,
             .filters = shape.filters,
             .entries = shape.entries,
             .first_row = inputs_.front().first_row,
             .end_row = inputs_.back().end_row};
}

}  // namespace keel::archive
