// Contents: bytes of any length that are replaced and removed, in pieces of 128 bytes: long client
// ids and filters, wills, retained messages. Whoever has a content knows its length.
//
// Private to this folder. Thread: the cell's writer.
#pragma once

#include "kernel/table.hpp"
#include "modules/streams/state/rows.hpp"

namespace keel::streams {

class Contents {
 public:
  Contents(kernel::UndoLog& undo, kernel::HashSeed seed, std::uint64_t max_rows);

  static constexpr std::uint64_t rows_of(std::size_t bytes) {
    return (bytes + kContentPiece - 1) / kContentPiece;
  }

  void insert(TenantId tenant, ContentNumber number, std::span<const ByteView> parts);
  void erase(TenantId tenant, ContentNumber number, std::size_t bytes);
  void read(TenantId tenant, ContentNumber number, std::size_t bytes, Bytes& to) const;

  std::uint64_t rows() const noexcept { return pieces_.rows(); }
  std::uint64_t max_rows() const noexcept { return pieces_.max_rows(); }
  kernel::TableBase* table() noexcept { return &pieces_; }

 private:
  kernel::Table<ContentKey, ContentRecord> pieces_;
};

}  // namespace keel::streams
