#include "archive/store/run_build.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "runtime/offload.hpp"

namespace keel::archive {

using runtime::Task;

namespace {

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

}  // namespace

Task<Result<BuiltRun>> build_run(runtime::Core& core, FileSet& files, EntrySorter sorter,
                                 RunOfRows what) {
  if (sorter.size() == 0) co_return BuiltRun{};
  KEEL_CO_TRY(co_await core.offload().run([&]() noexcept { sorter.sort(); }));

  BuiltRun built;
  RunWriter writer(what.file, what.block_bytes, what.entry_bytes, what.unique, sorter.size());
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
      order_(index.entry_bytes()),
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
  return success();
}

// Sorted entries have in common what the first and the last have.
void Merge::find_order() {
  const Input* any = nullptr;
  std::uint32_t common = entry_bytes_;
  for (const Input& input : sources_) {
    if (input.dry()) continue;
    if (any == nullptr) any = &input;
    common = std::min(
        {common, order_.common(input.head(entry_bytes_), any->head(entry_bytes_)),
         order_.common(input.head(entry_bytes_), ByteView(input.entries).last(entry_bytes_))});
  }
  order_.leave_out(common);
  for (Input& input : sources_) {
    if (!input.dry()) input.prefix = order_.prefix(input.head(entry_bytes_));
  }
}

Result<> Merge::merge_buffered() {
  for (Input& input : sources_) {
    if (!input.blocks.empty()) KEEL_TRY(unpack(input));
  }
  find_order();
  while (writer_.waiting_bytes() < kStretchBytes) {
    Input* least = nullptr;
    for (Input& input : sources_) {
      if (input.dry()) {
        if (input.ended()) continue;
        return success();  // more of it must be read before one can go on
      }
      if (least == nullptr || input.prefix < least->prefix ||
          (input.prefix == least->prefix &&
           order_.less_in_full(input.head(entry_bytes_), least->head(entry_bytes_)))) {
        least = &input;
      }
    }
    if (least == nullptr) {
      if (writer_.shape().entries > 0) writer_.finish();
      finished_ = true;
      return success();
    }
    const ByteView entry = least->head(entry_bytes_);
    if (last_word(entry) >= first_row_) writer_.add(entry);
    least->at += entry_bytes_;
    if (!least->dry()) least->prefix = order_.prefix(least->head(entry_bytes_));
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
