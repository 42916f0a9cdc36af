#include "archive/search.hpp"

#include <algorithm>
#include <ranges>

#include "archive/filter.hpp"
#include "archive/run_reader.hpp"
#include "base/assert.hpp"

namespace keel::archive {

namespace {

// Leaves of one run that are asked for at once, when a scan has come to one that is not at hand.
constexpr std::uint64_t kLeavesAhead = 8;

using EntryBuffer = std::array<std::byte, kMostKeyBytes + sizeof(std::uint64_t)>;

std::uint64_t number_of(ByteView entry) {
  std::uint64_t number = 0;
  std::memcpy(&number, entry.last(sizeof(number)).data(), sizeof(number));
  return __builtin_bswap64(number);
}

// An entry of the key (or of its beginning, filled up) and the number.
ByteView entry_of(EntryBuffer& buffer, std::uint32_t key_bytes, ByteView key, std::byte fill,
                  std::uint64_t number) {
  KEEL_ASSERT(key.size() <= key_bytes);
  std::ranges::fill(buffer, fill);
  std::ranges::copy(key, buffer.begin());
  const std::uint64_t stored = __builtin_bswap64(number);
  std::memcpy(ByteSpan(buffer).subspan(key_bytes).data(), &stored, sizeof(stored));
  return ByteView(buffer).first(key_bytes + sizeof(stored));
}

// A scan's place in one run: `next` is the position of the next entry, `left` how many may follow
// in the run.
struct Source {
  RunReader run;
  std::uint64_t next = 0;
  std::uint64_t left = 0;
  ByteView head{};

  void advance(bool backward) {
    --left;
    backward ? --next : ++next;
  }
  void want_ahead(bool backward, std::size_t entries) {
    const std::uint64_t per = run.entries_in_leaf();
    const std::uint64_t leaves =
        std::min((std::min<std::uint64_t>(entries, left) + per - 1) / per, kLeavesAhead);
    for (std::uint64_t i = 0; i < leaves; ++i) {
      run.want(backward ? next - std::min(next, i * per)
                        : std::min(next + i * per, run.size() - 1));
    }
  }
};

// Merges runs, from one end of a range to the other.
class Scan {
 public:
  Scan(const TableFiles& table, const IndexRuns& index, const kernel::ColdRange& range,
       std::uint32_t block_bytes, kernel::BlockSource& blocks)
      : range_(range),
        first_number_(std::max(range.first_number, table.first_row)),
        // Within one key the numbers bound the entries too.
        one_key_(range.low.size() == index.key_bytes && std::ranges::equal(range.low, range.high)),
        low_(entry_of(low_buffer_, index.key_bytes, range.low, std::byte{0},
                      one_key_ ? first_number_ : 0)),
        high_(entry_of(high_buffer_, index.key_bytes, range.high, std::byte{0xff},
                       one_key_ ? range.end_number - 1 : UINT64_MAX)) {
    for (const Run& run : index.runs) {
      if (run.end_row <= first_number_ || run.first_row >= range.end_number) continue;
      sources_.push_back({.run = {run.file, index.shape_of(run, block_bytes), blocks}});
    }
  }

  bool collect(Bytes& entries) {
    bool at_hand = true;
    for (Source& source : sources_) at_hand &= place(source);
    for (Source& source : sources_) at_hand &= load(source, range_.limit);
    if (!at_hand) return false;
    for (std::size_t wanted = range_.limit; wanted > 0;) {
      Source* next = nearest();
      if (next == nullptr) return true;
      const std::uint64_t number = number_of(next->head);
      if (number >= first_number_ && number < range_.end_number) {
        append(entries, next->head);
        --wanted;
      }
      next->advance(range_.backward);
      if (!load(*next, wanted)) return false;
    }
    return true;
  }

 private:
  // Finds where the range begins in a run, or ends for a scan that goes backward.
  bool place(Source& source) {
    if (range_.backward) {
      const std::optional<std::uint64_t> end = source.run.count_below(high_, true);
      source.left = end.value_or(0);
      source.next = source.left - (source.left > 0 ? 1 : 0);
      return end.has_value();
    }
    const std::optional<std::uint64_t> begin = source.run.count_below(low_, false);
    source.next = begin.value_or(0);
    source.left = begin.has_value() ? source.run.size() - *begin : 0;
    return begin.has_value();
  }
  // Reads the head of a source; one behind the range ends it.
  bool load(Source& source, std::size_t wanted) {
    if (source.left == 0 || wanted == 0) return true;
    const std::optional<ByteView> entry = source.run.at(source.next);
    if (!entry.has_value()) {
      source.want_ahead(range_.backward, wanted);
      return false;
    }
    source.head = *entry;
    const bool outside = range_.backward ? std::ranges::lexicographical_compare(*entry, low_)
                                         : std::ranges::lexicographical_compare(high_, *entry);
    if (outside) source.left = 0;
    return true;
  }
  Source* nearest() {
    Source* nearest = nullptr;
    for (Source& source : sources_) {
      if (source.left == 0) continue;
      if (nearest == nullptr ||
          std::ranges::lexicographical_compare(source.head, nearest->head) != range_.backward) {
        nearest = &source;
      }
    }
    return nearest;
  }

  const kernel::ColdRange& range_;
  std::uint64_t first_number_;
  bool one_key_;
  EntryBuffer low_buffer_;
  EntryBuffer high_buffer_;
  ByteView low_;
  ByteView high_;
  std::vector<Source> sources_;
};

// The first or the last entry of a key in a run, by the least or the greatest entry that the key
// can have. `at_hand` false: not known yet.
enum class Which : std::uint8_t { first, last };
kernel::ColdSource::Found find_in(RunReader run, ByteView bound, Which which) {
  const std::size_t key_bytes = bound.size() - sizeof(std::uint64_t);
  const bool last = which == Which::last;
  const std::optional<std::uint64_t> below = run.count_below(bound, last);
  if (!below.has_value()) return {};
  if (*below == (last ? 0 : run.size())) return {.at_hand = true, .number = std::nullopt};
  const std::optional<ByteView> entry = run.at(last ? *below - 1 : *below);
  if (!entry.has_value()) return {};
  if (!std::ranges::equal(entry->first(key_bytes), bound.first(key_bytes))) {
    return {.at_hand = true, .number = std::nullopt};
  }
  return {.at_hand = true, .number = number_of(*entry)};
}

}  // namespace

std::uint64_t Search::rows(kernel::TableId table) const {
  return manifest_.table(table).rows;
}

std::optional<ByteView> Search::row(kernel::TableId table, std::uint64_t number) {
  const TableFiles& files = manifest_.table(table);
  const TableFiles::Place place = files.place_of(number, manifest_.block_bytes);
  const std::optional<ByteView> block = blocks_.find(place.block);
  if (!block.has_value()) return std::nullopt;
  return block->subspan(place.offset_bytes, files.record_bytes);
}

kernel::ColdSource::Found Search::find(kernel::TableId table, std::size_t index, ByteView key) {
  const TableFiles& files = manifest_.table(table);
  const IndexRuns& runs = files.indexes.at(index);
  KEEL_ASSERT(key.size() == runs.key_bytes);
  EntryBuffer buffer;
  if (!runs.unique) {
    // Within one key entries are in the order of their rows.
    return find_first(files, runs,
                      entry_of(buffer, runs.key_bytes, key, std::byte{0}, files.first_row));
  }
  const ByteView entry = entry_of(buffer, runs.key_bytes, key, std::byte{0}, UINT64_MAX);
  mix_key(ByteSpan(buffer).first(runs.key_bytes));
  return find_unique(files, runs, entry);
}

kernel::ColdSource::Found Search::find_unique(const TableFiles& files, const IndexRuns& runs,
                                              ByteView entry) {
  const std::uint64_t prefix = prefix_of(entry);
  const FilterPlace place = filter_place(manifest_.block_bytes, prefix);
  Found answer{.at_hand = true, .number = std::nullopt};
  // From the newest on, some runs at a time: their lines of filters come from memory side by side.
  constexpr std::size_t kRunsAtOnce = 8;
  for (std::span<const Run> left = runs.runs; !left.empty();) {
    const std::span<const Run> some = left.last(std::min(kRunsAtOnce, left.size()));
    left = left.first(left.size() - some.size());
    std::array<std::optional<ByteView>, kRunsAtOnce> filters;
    for (std::size_t i = 0; i < some.size(); ++i) {
      filters[i] =
          blocks_.find({.file = some[i].file, .block = filter_block_of(prefix, some[i].filters)});
      if (filters[i].has_value()) prefetch_filter(*filters[i], place);
    }
    for (std::size_t i = some.size(); i-- > 0;) {
      answer.at_hand &= filters[i].has_value();
      if (!filters[i].has_value() || !filter_may_hold(*filters[i], place)) continue;
      const Found found =
          find_in({some[i].file, runs.shape_of(some[i], manifest_.block_bytes), blocks_}, entry,
                  Which::last);
      answer.at_hand &= found.at_hand;
      // A newer run that is not at hand may hold a newer entry.
      if (!found.number.has_value() || !answer.at_hand) continue;
      if (*found.number >= files.first_row) return found;
      return answer;
    }
  }
  return answer;
}

kernel::ColdSource::Found Search::find_first(const TableFiles& files, const IndexRuns& runs,
                                             ByteView entry) {
  Found answer{.at_hand = true, .number = std::nullopt};
  for (const Run& run : runs.runs) {
    if (run.end_row <= files.first_row) continue;
    const Found found = find_in({run.file, runs.shape_of(run, manifest_.block_bytes), blocks_},
                                entry, Which::first);
    answer.at_hand &= found.at_hand;
    // An earlier run that is not at hand may hold an earlier entry.
    if (found.number.has_value() && answer.at_hand) return found;
  }
  return answer;
}

bool Search::scan(kernel::TableId table, std::size_t index, const kernel::ColdRange& range,
                  Bytes& entries) {
  const TableFiles& files = manifest_.table(table);
  const IndexRuns& runs = files.indexes.at(index);
  KEEL_ASSERT(!runs.unique);
  if (range.end_number <= range.first_number) return true;
  const std::size_t before = entries.size();
  if (Scan(files, runs, range, manifest_.block_bytes, blocks_).collect(entries)) return true;
  entries.resize(before);
  return false;
}

}  // namespace keel::archive
