#include "kernel/snapshot.hpp"

#include "kernel/errors.hpp"

namespace keel::kernel {

SnapshotWriter::SnapshotWriter(std::span<TableBase* const> tables)
    : tables_(tables.begin(), tables.end()) {
  for (TableBase* table : tables_) {
    headers_.push_back(table->header());
    table->append_base(bases_.emplace_back());
    stream_bytes_ += sizeof(TableHeader) + bases_.back().size() +
                     headers_.back().rows * headers_.back().record_bytes;
    table->begin_snapshot();
  }
}

SnapshotWriter::~SnapshotWriter() {
  for (TableBase* table : tables_) table->end_snapshot();
}

bool SnapshotWriter::next_slice(std::size_t budget_bytes, Bytes& to) {
  const std::size_t enough = to.size() + budget_bytes;
  while (table_ < tables_.size() && to.size() < enough) {
    if (!header_written_) {
      append(to, object_bytes(headers_[table_]));
      append(to, bases_[table_]);
      header_written_ = true;
    }
    const std::size_t left = enough - std::min(enough, to.size());
    if (tables_[table_]->next_slice(left, to)) break;
    ++table_;
    header_written_ = false;
  }
  return table_ < tables_.size();
}

SnapshotCost SnapshotWriter::cost() const noexcept {
  SnapshotCost total;
  for (const TableBase* table : tables_) {
    const SnapshotCost cost = table->snapshot_cost();
    total.copies += cost.copies;
    total.copied_bytes += cost.copied_bytes;
    total.held_bytes += cost.held_bytes;
  }
  return total;
}

SnapshotLoader::SnapshotLoader(std::span<TableBase* const> tables)
    : tables_(tables.begin(), tables.end()) {
  for (const TableBase* table : tables_) KEEL_ASSERT(table->rows() == 0);
}

std::size_t SnapshotLoader::piece_bytes() const noexcept {
  if (table_ == tables_.size()) return 0;
  switch (part_) {
    case Part::header:
      return sizeof(TableHeader);
    case Part::base:
      return tables_[table_]->base_bytes();
    case Part::records:
      return tables_[table_]->record_bytes();
  }
}

Result<> SnapshotLoader::feed(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t piece = piece_bytes();
    if (piece == 0) {
      return Error(kSnapshotMismatch, "bytes follow the last row of the last table");
    }
    if (!partial_.empty() || bytes.size() < piece) {
      const std::size_t taken = std::min(piece - partial_.size(), bytes.size());
      append(partial_, bytes.first(taken));
      bytes = bytes.subspan(taken);
      if (partial_.size() < piece) return success();
      KEEL_TRY(take(partial_));
      partial_.clear();
      continue;
    }
    const std::uint64_t pieces =
        part_ == Part::records ? std::min<std::uint64_t>(records_left_, bytes.size() / piece) : 1;
    KEEL_TRY(take(bytes.first(pieces * piece)));
    bytes = bytes.subspan(pieces * piece);
  }
  return success();
}

// A header, a base, or one or more records.
Result<> SnapshotLoader::take(ByteView pieces) {
  switch (part_) {
    case Part::header:
      KEEL_TRY(begin_table(pieces));
      break;
    case Part::base:
      KEEL_TRY(tables_[table_]->load_base(pieces));
      break;
    case Part::records:
      KEEL_TRY(tables_[table_]->load(pieces));
      records_left_ -= pieces.size() / tables_[table_]->record_bytes();
      break;
  }
  end_part();
  return success();
}

void SnapshotLoader::pass_new_tables(TableId there) {
  const auto module = tables_[table_]->id().module();
  if (table_ == 0 || tables_[table_ - 1]->id().module() != module) return;
  std::size_t next = table_;
  while (next < tables_.size() && tables_[next]->id().module() == module) ++next;
  if (next < tables_.size() && tables_[next]->id() == there) table_ = next;
}

Result<> SnapshotLoader::begin_table(ByteView bytes) {
  const TableHeader header = KEEL_TRY(ByteReader(bytes).read_object<TableHeader>());
  pass_new_tables(header.table);
  const TableBase& table = *tables_[table_];
  if (header.table != table.id() || header.record_bytes != table.record_bytes()) {
    return Error(kSnapshotMismatch, "table " + std::to_string(header.table.value()) +
                                        " with records of " + std::to_string(header.record_bytes) +
                                        " bytes, " + std::string(table.name()) + " (" +
                                        std::to_string(table.id().value()) + ") with " +
                                        std::to_string(table.record_bytes()) + " expected");
  }
  records_left_ = header.rows;
  return success();
}

void SnapshotLoader::end_part() {
  if (part_ == Part::header && tables_[table_]->base_bytes() > 0) {
    part_ = Part::base;
  } else if (records_left_ > 0) {
    part_ = Part::records;
  } else {
    part_ = Part::header;
    ++table_;
  }
}

bool SnapshotLoader::is_before_a_new_module() const noexcept {
  if (part_ != Part::header || !partial_.empty() || table_ == 0) return false;
  return tables_[table_]->id().module() != tables_[table_ - 1]->id().module();
}

Result<> SnapshotLoader::finish() const {
  if (table_ == tables_.size() || is_before_a_new_module()) return success();
  return Error(kSnapshotMismatch, "the snapshot ends within " +
                                      std::string(tables_[table_]->name()) + ", " +
                                      std::to_string(records_left_) + " rows before its end");
}

}  // namespace keel::kernel
