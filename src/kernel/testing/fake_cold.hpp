// FakeCold: a ColdSource in memory, for tests of what uses cold rows. Rows are moved to it at once;
// nothing of it is "at hand" before it was asked for and fetched, so that every path on which a
// block is lacking is gone.
//
//   FakeCold cold;
//   cold.take_over(tables);           // binds the append-only ones among them
//   cold.flush(tables, 0);            // every row that may leave memory leaves it
//   do { answer = ask(); } while (cold.fetch());
//
// For tests only.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "kernel/table/history_base.hpp"

namespace keel::kernel::testing {

class FakeCold final : public ColdSource {
 public:
  // It outlives the tables.
  void take_over(std::span<TableBase* const> tables);
  // Takes rows until each table has at most `hot_rows` in memory, or what a stretch and rows that
  // are not final make of it.
  void flush(std::span<TableBase* const> tables, std::uint64_t hot_rows);

  // Something was asked for that was not at hand, since the last fetch().
  bool lacking() const noexcept { return lacking_; }
  // For Transaction.
  const bool* lacking_mark() const noexcept { return &lacking_; }
  // Brings all of it to hand; false: nothing was lacking.
  bool fetch();
  // Nothing is at hand any more.
  void forget() { at_hand_.clear(); }
  // How often fetch() had something to do.
  std::uint64_t rounds() const noexcept { return rounds_; }

  std::uint64_t rows(TableId table) const override;
  std::optional<ByteView> row(TableId table, std::uint64_t number) override;
  Found find(TableId table, std::size_t index, ByteView key) override;
  bool scan(TableId table, std::size_t index, const ColdRange& range, Bytes& entries) override;

 private:
  struct Kept {
    ColdTableSchema schema;
    std::vector<Bytes> records;
    std::vector<std::set<Bytes>> indexes;
  };
  // What must be at hand for an answer: the table, the kind of question, and its bytes.
  using Question = std::tuple<TableId, std::size_t, Bytes>;

  bool at_hand(Question question);
  void take(Kept& kept, ByteView record);

  std::map<TableId, Kept> tables_;
  std::set<Question> at_hand_;
  std::set<Question> wanted_;
  bool lacking_ = false;
  std::uint64_t rounds_ = 0;
};

}  // namespace keel::kernel::testing
