// HistoryBase: what the engine does with any append-only table beside what it does with every
// table: writes the rows that have become final to a store, lets them leave memory, and tells the
// table where to find them again. The table itself is history_table.hpp.
//
// Which rows are in memory is never observed: not by the module, not in the state hash. The hash of
// a table with n rows is a chain over its whole stretches of kStretchRows rows (each link: SHA-256
// of the link before and the records of the stretch), and the records behind the last whole one.
// The table keeps the chain up to a stretch whose rows may leave memory, and so needs none of them
// to go on.
#pragma once

#include "base/hash/digest.hpp"
#include "kernel/cold.hpp"
#include "kernel/table/ring.hpp"
#include "kernel/table/table_base.hpp"

namespace keel::kernel {

class HistoryBase : public TableBase {
 public:
  // A format: part of the state hash.
  static constexpr std::uint64_t kStretchRows = 8;

  // What stands in a snapshot between the table's header and its records.
  struct Base {
    std::uint64_t first = 0;  // the number of the first record that follows; those before it are in
                              // the store
    std::uint64_t forgotten = 0;  // rows before it are not asked for any more, by nobody
    Digest chain{};               // over the stretches before `first`
  };
  static_assert(sizeof(Base) == 48);

  using TableBase::TableBase;

  HistoryBase* history() noexcept final { return this; }

  virtual ColdTableSchema cold_schema() const = 0;
  // Where rows that are not in memory are found; null (at first): all are in memory. It outlives
  // the table.
  void bind(ColdSource* source) noexcept { source_ = source; }

  // Rows below are in the store only.
  std::uint64_t first_hot() const noexcept { return first_hot_; }
  std::uint64_t hot_rows() const noexcept { return end_ - first_hot_; }
  // Rows below can no longer be taken back: they may go to the store.
  std::uint64_t final_rows() const noexcept { return end_ - undoable_; }
  // Rows below are covered by the chain; a multiple of kStretchRows.
  std::uint64_t chained() const noexcept { return base_.first; }
  const Digest& chain() const noexcept [[clang::lifetimebound]] { return base_.chain; }

  // Rows below are of no use any more: they may go from the store, or from memory where there is
  // none. Only what cannot be taken back may say so.
  void forget_before(std::uint64_t number) noexcept {
    base_.forgotten = std::max(base_.forgotten, number);
  }
  std::uint64_t forgotten() const noexcept { return base_.forgotten; }
  // The same as a change, which can be taken back: for apply(). What it forgets may be forgotten
  // only once the change is final, and is asked for by nobody from now on.
  void let_go_before(std::uint64_t number) {
    let_go_.push_back({.rows = end_, .number = number});
    record_undo();
  }
  // Where there is no store: lets forgotten rows leave memory, at most `max_rows`.
  void free_forgotten(std::uint64_t max_rows);

  // Appends the records of rows [first, end), which are in memory.
  virtual void append_records(std::uint64_t first, std::uint64_t end, Bytes& to) const = 0;
  // Takes whole stretches of final rows into the chain, at most `max_rows` rows and none from `end`
  // on; true while there are more.
  bool extend_chain(std::uint64_t end, std::uint64_t max_rows);
  // Lets rows leave memory that are in the store (without one: forgotten) and in the chain, at most
  // `max_rows` and none from `end` on; true while there are more. What find() has given before is
  // void.
  virtual bool drop_hot(std::uint64_t end, std::uint64_t max_rows) = 0;
  // Frees what finding cold rows has brought into memory: after each round of a command or query.
  virtual void release_cold() = 0;
  // Looks a key up, so that the source notes what it lacks for it. `key` is the bytes of a key.
  virtual void want(ByteView key) const = 0;

  std::uint64_t rows() const noexcept final { return end_; }
  std::uint64_t saved_rows() const noexcept final { return end_ - base_.first; }
  std::uint32_t base_bytes() const noexcept final { return sizeof(Base); }
  void append_base(Bytes& to) const final { append(to, object_bytes(base_)); }
  Result<> load_base(ByteView base) final;

  void forget_oldest() final;
  void hash_state(StateHash& hash) const final;

 protected:
  ColdSource* source_ = nullptr;
  std::uint64_t first_hot_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t undoable_ = 0;  // rows, the newest
  Base base_;

  // True: the newest change was a let_go_before(), and is taken back.
  bool undo_let_go();

 private:
  // A let_go_before() that can still be taken back: made when there were `rows` rows.
  struct LetGo {
    std::uint64_t rows = 0;
    std::uint64_t number = 0;
  };

  Digest link(const Digest& before, std::uint64_t first, Bytes& records) const;

  Ring<LetGo> let_go_;  // oldest first
};

}  // namespace keel::kernel
