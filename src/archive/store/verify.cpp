#include "archive/store/verify.hpp"

#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "archive/errors.hpp"
#include "archive/filter.hpp"
#include "archive/store/store.hpp"
#include "base/hash/hash64.hpp"

namespace keel::archive {

using runtime::Task;

namespace {
constexpr std::size_t kStretch = std::size_t{256} << 10;
constexpr std::size_t kDirectUnit = 4096;

std::uint64_t number_of(ByteView entry) {
  std::uint64_t number = 0;
  std::memcpy(&number, entry.last(sizeof(number)).data(), sizeof(number));
  return __builtin_bswap64(number);
}
bool is_below(ByteView left, ByteView right) {
  return std::ranges::lexicographical_compare(left, right);
}

// These tables are those that it was written for, or some more behind them.
Result<> fit(Manifest& manifest, std::span<const kernel::ColdTableSchema> tables) {
  KEEL_TRY(add_new_tables(manifest, tables, StoreOptions().blocks_per_file));
  return check_schema(manifest, tables);
}

}  // namespace

std::string Finding::to_string() const {
  return fmt::format("{} at {}: {}", file, offset, what);
}

Task<Result<std::unique_ptr<Verifier>>> Verifier::begin(
    runtime::Disk& disk, std::string directory, Position at,
    std::span<const kernel::ColdTableSchema> tables, VerifyOptions options) {
  FileSet files(disk, directory);
  Manifest manifest = KEEL_CO_TRY(co_await files.load_manifest(at));
  if (!tables.empty()) KEEL_CO_TRY(fit(manifest, tables));
  co_return std::unique_ptr<Verifier>(
      new Verifier(disk, std::move(directory), std::move(manifest), tables, options));
}

Task<Result<std::unique_ptr<Verifier>>> Verifier::begin_newest(
    runtime::Disk& disk, std::string directory, std::span<const kernel::ColdTableSchema> tables,
    VerifyOptions options) {
  FileSet files(disk, directory);
  std::vector<Position> positions = KEEL_CO_TRY(co_await files.manifests());
  std::ranges::reverse(positions);
  std::optional<Manifest> newest;
  std::vector<Finding> damaged;
  for (const Position position : positions) {
    Result<Manifest> manifest = co_await files.load_manifest(position);
    if (manifest.ok()) {
      if (!newest.has_value()) newest = *std::move(manifest);
    } else if (manifest.error().is(kDamaged)) {
      damaged.push_back({FileSet::manifest_name_of(position), 0, manifest.error().detail()});
    } else if (!manifest.error().is(kNoManifest)) {  // replaced meanwhile
      co_return manifest.error();
    }
  }
  if (!newest.has_value() && damaged.empty()) co_return nullptr;
  if (newest.has_value() && !tables.empty()) KEEL_CO_TRY(fit(*newest, tables));
  std::unique_ptr<Verifier> verifier(new Verifier(
      disk, std::move(directory), std::move(newest).value_or(Manifest{}), tables, options));
  for (Finding& finding : damaged) verifier->report(std::move(finding));
  co_return verifier;
}

Verifier::Verifier(runtime::Disk& disk, std::string directory, Manifest manifest,
                   std::span<const kernel::ColdTableSchema> tables, VerifyOptions options)
    : files_(disk, std::move(directory), {.direct = options.direct}),
      options_(options),
      manifest_(std::move(manifest)),
      schemas_(tables.begin(), tables.end()) {
  report_.owner = manifest_.owner;
  report_.position = manifest_.position;
  plan();
}

void Verifier::plan() {
  for (std::size_t t = 0; t < manifest_.tables.size(); ++t) {
    const TableFiles& table = manifest_.tables[t];
    balance_.emplace_back(table.indexes.size());
    const RowShape shape = table.shape(manifest_.block_bytes);
    for (std::size_t i = 0; i < table.files.size(); ++i) {
      const std::uint64_t first = (table.files_dropped + i) * shape.per_file();
      pieces_.push_back(
          {.table = t,
           .run = std::nullopt,
           .file = table.files[i],
           .blocks = std::min(table.rows - first, shape.per_file()) / shape.per_block(),
           .first_row = first});
    }
    for (std::size_t i = 0; i < table.indexes.size(); ++i) {
      for (const Run& run : table.indexes[i].runs) {
        pieces_.push_back(
            {.table = t,
             .index = i,
             .run = run,
             .file = run.file,
             .blocks = table.indexes[i].shape_of(run, manifest_.block_bytes).blocks()});
      }
    }
  }
}

void Verifier::found(std::uint64_t file, std::uint64_t offset, std::string what) {
  fresh_.push_back({FileSet::name_of(file), offset, std::move(what)});
}

void Verifier::report(Finding finding) {
  ++report_.damaged;
  if (report_.findings.size() < VerifyReport::kMostFindings) {
    report_.findings.push_back(std::move(finding));
  }
}

Task<Result<bool>> Verifier::is_named(std::uint64_t file) {
  for (const Position position : KEEL_CO_TRY(co_await files_.manifests())) {
    const Result<Manifest> manifest = co_await files_.load_manifest(position);
    if (manifest.ok() ? std::ranges::binary_search(manifest->file_numbers(), file)
                      : !manifest.error().is(kNoManifest)) {
      co_return true;
    }
  }
  co_return false;
}

Task<Result<bool>> Verifier::step(std::size_t bytes) {
  const std::uint32_t block_bytes = manifest_.block_bytes;
  for (std::size_t left = std::max<std::size_t>(bytes, 1); left > 0;) {
    if (at_piece_ == pieces_.size()) co_return false;
    const Piece& piece = pieces_[at_piece_];
    const std::uint64_t count = std::min<std::uint64_t>(
        std::max<std::size_t>(1, std::min(left, kStretch) / block_bytes), piece.blocks - at_block_);
    KEEL_CO_TRY(co_await read_stretch(piece, count));
    at_block_ += count;
    left -= std::min<std::size_t>(left, count * block_bytes);
    if (!fresh_.empty() && !KEEL_CO_TRY(co_await is_named(piece.file))) {
      fresh_.clear();
      has_gaps_ = true;
      at_block_ = piece.blocks;
    }
    for (Finding& finding : fresh_) report(std::move(finding));
    fresh_.clear();
    if (at_block_ == piece.blocks) end_piece();
  }
  co_return true;
}

Task<Result<>> Verifier::read_stretch(const Piece& piece, std::uint64_t count) {
  const std::uint32_t block_bytes = manifest_.block_bytes;
  const auto bytes = static_cast<std::size_t>(count * block_bytes);
  if (memory_.size() < bytes + kDirectUnit) memory_.resize(bytes + kDirectUnit);
  void* aligned = memory_.data();
  std::size_t room = memory_.size();
  std::align(kDirectUnit, bytes, aligned, room);
  const ByteSpan blocks = ByteSpan(memory_).last(room).first(bytes);
  const Result<> read = co_await files_.read(piece.file, at_block_, block_bytes, blocks);
  report_.bytes += bytes;
  if (!read.ok()) {
    if (!read.error().is(kDamaged)) co_return read.error();
    found(piece.file, at_block_ * block_bytes, read.error().detail());
    co_return success();
  }
  const auto take_all = [&]() noexcept {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i * block_bytes);
      take_block(piece, at_block_ + i, blocks.subspan(at, block_bytes));
    }
    return true;
  };
  // A full queue: then here.
  if (options_.offload == nullptr || !(co_await options_.offload->run(take_all)).ok()) take_all();
  co_return success();
}

void Verifier::end_piece() {
  ++report_.files;
  in_run_ = {};
  at_block_ = 0;
  if (++at_piece_ == pieces_.size()) compare();
}

void Verifier::take_block(const Piece& piece, std::uint64_t number, ByteView block) {
  ++report_.blocks;
  const TableFiles& table = manifest_.tables[piece.table];
  const BlockShape shape =
      piece.run.has_value()
          ? table.indexes[piece.index].shape_of(*piece.run, manifest_.block_bytes).shape_of(number)
          : BlockShape{.kind = BlockKind::rows,
                       .count = table.shape(manifest_.block_bytes).per_block()};
  const Result<> whole = check_block(block, {.file = piece.file, .block = number}, shape);
  if (!whole.ok()) return found(piece.file, number * block.size(), whole.error().detail());
  switch (shape.kind) {
    case BlockKind::rows:
      return take_rows(piece, number, block);
    case BlockKind::filter:
      return append(in_run_.filter, block);
    case BlockKind::leaf:
      return take_leaf(piece, shape, number, block);
    case BlockKind::fence:
      return take_fence(piece, shape, number, block);
  }
}

void Verifier::take_rows(const Piece& piece, std::uint64_t number, ByteView block) {
  const TableFiles& table = manifest_.tables[piece.table];
  const std::uint32_t per_block = table.shape(manifest_.block_bytes).per_block();
  report_.rows += per_block;
  if (schemas_.empty()) return;
  Bytes entries;
  for (std::uint32_t i = 0; i < per_block; ++i) {
    const std::uint64_t row = piece.first_row + number * per_block + i;
    if (row < table.first_row) continue;
    const ByteView record = block.subspan(std::size_t{i} * table.record_bytes, table.record_bytes);
    for (std::size_t index = 0; index < table.indexes.size(); ++index) {
      const std::uint32_t entry_bytes = table.indexes[index].entry_bytes();
      entries.clear();
      schemas_[piece.table].indexes[index].entries_of(record, row, entries);
      for (ByteSpan left = entries; !left.empty(); left = left.subspan(entry_bytes)) {
        if (table.indexes[index].unique) mix_key(left.first(table.indexes[index].key_bytes));
        balance_[piece.table][index] += hash64(left.first(entry_bytes), 1);
      }
    }
  }
}

void Verifier::take_leaf(const Piece& piece, BlockShape shape, std::uint64_t number,
                         ByteView block) {
  const TableFiles& table = manifest_.tables[piece.table];
  const IndexRuns& index = table.indexes[piece.index];
  const std::uint32_t entry_bytes = index.entry_bytes();
  if (in_run_.firsts.empty()) in_run_.firsts.emplace_back();
  append(in_run_.firsts[0], block.first(entry_bytes));
  for (std::uint32_t i = 0; i < shape.count; ++i) {
    const ByteView entry = block.subspan(std::size_t{i} * entry_bytes, entry_bytes);
    const std::uint64_t row = number_of(entry);
    const bool rises = in_run_.last.empty() || is_below(in_run_.last, entry);
    const bool inside = row >= piece.run->first_row && row < piece.run->end_row;
    bool passes = true;
    if (index.unique && in_run_.filter.size() == std::size_t{piece.run->filters} * block.size()) {
      const std::uint64_t prefix = prefix_of(entry);
      const std::size_t at =
          std::size_t{filter_block_of(prefix, piece.run->filters)} * block.size();
      passes = filter_may_hold(ByteView(in_run_.filter).subspan(at, block.size()),
                               filter_place(manifest_.block_bytes, prefix));
    }
    if (!rises || !inside || !passes) {
      found(piece.file, number * block.size(),
            fmt::format("entry {} of the block is {}", i,
                        !rises    ? "not above the one before"
                        : !inside ? "of a row outside the run"
                                  : "kept out by the filter"));
    }
    in_run_.last.assign(entry.begin(), entry.end());
    ++report_.entries;
    if (row >= table.first_row) balance_[piece.table][piece.index] -= hash64(entry, 1);
  }
}

void Verifier::take_fence(const Piece& piece, BlockShape shape, std::uint64_t number,
                          ByteView block) {
  const IndexRuns& index = manifest_.tables[piece.table].indexes[piece.index];
  const RunShape run = index.shape_of(*piece.run, manifest_.block_bytes);
  // The level: the one whose blocks this number is among.
  std::uint32_t level = 1;
  while (level < run.levels() && number >= run.block_at(level + 1, 0)) ++level;
  if (in_run_.firsts.size() <= level) in_run_.firsts.resize(level + 1);
  const ByteView fence = block.first(std::size_t{shape.count} * run.entry_bytes);
  Bytes& below = in_run_.firsts[level - 1];
  if (below.size() < fence.size() ||
      !std::ranges::equal(ByteView(below).first(fence.size()), fence)) {
    found(piece.file, number * block.size(), "not the first entries of the blocks below it");
  }
  below.erase(below.begin(),
              below.begin() + static_cast<std::ptrdiff_t>(std::min(below.size(), fence.size())));
  append(in_run_.firsts[level], fence.first(run.entry_bytes));
}

void Verifier::compare() {
  // After damage the sums say nothing more.
  if (schemas_.empty() || !report_.ok() || has_gaps_) return;
  for (std::size_t t = 0; t < balance_.size(); ++t) {
    for (std::size_t i = 0; i < balance_[t].size(); ++i) {
      if (balance_[t][i] == 0) continue;
      report({FileSet::manifest_name_of(manifest_.position), 0,
              fmt::format("index {} of table {:x} does not hold the entries of its rows", i,
                          manifest_.tables[t].table.value())});
    }
  }
}

}  // namespace keel::archive
