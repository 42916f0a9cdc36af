// The state of a cell as a stream of bytes: SnapshotWriter takes it in slices between commands
// while the cell goes on, SnapshotLoader makes the tables again.
//
// The stream: of every table, in the order given, a TableHeader (16 bytes), the base of those that
// have one (table/history_base.hpp), and its records (table/table_base.hpp). It is the same for
// equal states wherever it was sliced, but for which rows of append-only tables are in it: those
// that may leave memory are not. Where it is kept, and how damage to it is found, is the engine's
// business.
//
// Thread: the cell's writer.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/table/table_base.hpp"

namespace keel::kernel {

class SnapshotWriter {
 public:
  // Freezes all tables as they are now, at no cost. They outlive the writer; a table belongs to one
  // snapshot at a time.
  explicit SnapshotWriter(std::span<TableBase* const> tables);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // Appends about `budget_bytes` of the stream: whole records, and less than 64 records
  // beyond the budget. True while there is more.
  bool next_slice(std::size_t budget_bytes, Bytes& to);

  std::uint64_t stream_bytes() const noexcept { return stream_bytes_; }  // in all
  // Early saves so far. held_bytes is memory: an engine that sees it grow beyond its bound takes
  // slices faster.
  SnapshotCost cost() const noexcept;

 private:
  std::vector<TableBase*> tables_;
  std::vector<TableHeader> headers_;
  std::vector<Bytes> bases_;
  std::size_t table_ = 0;
  bool header_written_ = false;
  std::uint64_t stream_bytes_ = 0;
};

class SnapshotLoader {
 public:
  // The tables are empty, and the same as the snapshot's: ids, order and sizes of records. Those of
  // modules that the cell has got since may follow: they stay empty.
  explicit SnapshotLoader(std::span<TableBase* const> tables);

  // The next bytes of the stream, cut anywhere. After an error the tables are good for destruction
  // only.
  Result<> feed(ByteView bytes);
  // At the end of the stream: kSnapshotMismatch when something is missing.
  Result<> finish() const;

 private:
  enum class Part : std::uint8_t { header, base, records };

  // How many bytes must come together next: a header, a base, a record, or nothing at the end.
  std::size_t piece_bytes() const noexcept;
  // The next table is the first of its module, and nothing of it has come.
  bool is_before_a_new_module() const noexcept;
  Result<> take(ByteView pieces);
  // Tables that came to a module after the snapshot was taken lack at its end: they stay empty.
  void pass_new_tables(TableId there);
  Result<> begin_table(ByteView header);
  void end_part();

  std::vector<TableBase*> tables_;
  std::size_t table_ = 0;
  Part part_ = Part::header;
  std::uint64_t records_left_ = 0;
  Bytes partial_;  // of a piece that was cut
};

}  // namespace keel::kernel
