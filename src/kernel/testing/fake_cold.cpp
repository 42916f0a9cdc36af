#include "kernel/testing/fake_cold.hpp"

namespace keel::kernel::testing {
namespace {

constexpr std::size_t kByNumber = SIZE_MAX;

// The entry's beginning against a bound that may be shorter than a key.
int compare(const Bytes& entry, ByteView bound) {
  return std::memcmp(entry.data(), bound.data(), bound.size());
}

Bytes copy(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

void FakeCold::take_over(std::span<TableBase* const> tables) {
  for (TableBase* table : tables) {
    if (HistoryBase* history = table->history()) {
      Kept& kept = tables_[table->id()];
      kept.schema = history->cold_schema();
      kept.indexes.resize(kept.schema.indexes.size());
      history->bind(this);
    }
  }
}

void FakeCold::take(Kept& kept, ByteView record) {
  for (std::size_t i = 0; i < kept.indexes.size(); ++i) {
    Bytes entries;
    const ColdIndexSchema& index = kept.schema.indexes[i];
    index.entries_of(record, kept.records.size(), entries);
    KEEL_ASSERT(entries.size() % index.entry_bytes() == 0);
    for (ByteView left = entries; !left.empty(); left = left.subspan(index.entry_bytes())) {
      kept.indexes[i].insert(copy(left.first(index.entry_bytes())));
    }
  }
  kept.records.push_back(copy(record));
}

void FakeCold::flush(std::span<TableBase* const> tables, std::uint64_t hot_rows) {
  for (TableBase* table : tables) {
    HistoryBase* history = table->history();
    if (history == nullptr || history->hot_rows() <= hot_rows) continue;
    const std::uint64_t end = history->rows() - hot_rows;
    while (history->extend_chain(end, HistoryBase::kStretchRows)) continue;
    Kept& kept = tables_[table->id()];
    if (kept.records.size() < history->chained()) {
      Bytes records;
      history->append_records(kept.records.size(), history->chained(), records);
      for (ByteView left = records; !left.empty(); left = left.subspan(table->record_bytes())) {
        take(kept, left.first(table->record_bytes()));
      }
    }
    while (history->drop_hot(end, 7)) continue;
  }
}

bool FakeCold::fetch() {
  if (wanted_.empty()) return false;
  at_hand_.merge(wanted_);
  wanted_.clear();
  lacking_ = false;
  ++rounds_;
  return true;
}

bool FakeCold::at_hand(Question question) {
  if (at_hand_.contains(question)) return true;
  wanted_.insert(std::move(question));
  lacking_ = true;
  return false;
}

std::uint64_t FakeCold::rows(TableId table) const {
  const auto found = tables_.find(table);
  return found == tables_.end() ? 0 : found->second.records.size();
}

std::optional<ByteView> FakeCold::row(TableId table, std::uint64_t number) {
  KEEL_ASSERT(number < rows(table));
  if (!at_hand({table, kByNumber, copy(object_bytes(number))})) return std::nullopt;
  return tables_[table].records[number];
}

ColdSource::Found FakeCold::find(TableId table, std::size_t index, ByteView key) {
  if (!at_hand({table, index, copy(key)})) return {};
  const std::set<Bytes>& entries = tables_[table].indexes.at(index);
  const auto found = entries.lower_bound(copy(key));
  if (found == entries.end() || compare(*found, key) != 0) return {.at_hand = true, .number = {}};
  return {.at_hand = true, .number = number_of_entry(*found)};
}

bool FakeCold::scan(TableId table, std::size_t index, const ColdRange& range, Bytes& entries) {
  Bytes question = copy(range.low);
  append(question, range.high);
  if (!at_hand({table, index, question})) return false;
  std::vector<ByteView> found;
  const std::set<Bytes>& all = tables_[table].indexes.at(index);
  for (auto at = all.lower_bound(copy(range.low)); at != all.end(); ++at) {
    if (compare(*at, range.high) > 0) break;
    const std::uint64_t number = number_of_entry(*at);
    if (number >= range.first_number && number < range.end_number) found.push_back(*at);
    if (!range.backward && found.size() == range.limit) break;
  }
  if (range.backward) std::ranges::reverse(found);
  for (std::size_t i = 0; i < std::min(range.limit, found.size()); ++i) append(entries, found[i]);
  return true;
}

}  // namespace keel::kernel::testing
