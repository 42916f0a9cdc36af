// Contents: bytes of any length under a name, in rows of 128 bytes: twins, labels, kept changes,
// what a method is called with. Private to this folder. Thread: the cell's writer.
#pragma once

#include "kernel/table.hpp"
#include "modules/devices/state/rows.hpp"

namespace keel::devices {

class Contents {
 public:
  Contents(kernel::TableId id, kernel::UndoLog& undo, kernel::HashSeed seed,
           const kernel::TableOptions& options)
      : rows_(id, "devices.contents", undo, seed, options) {}

  static constexpr std::uint64_t rows_of(std::size_t bytes) {
    return (sizeof(std::uint32_t) + bytes + kContentPiece - 1) / kContentPiece;
  }

  // No bytes: there is none.
  Bytes find(const ContentName& name) const;
  // In place of what was there; no bytes: takes it away. Pieces that stay the same are not touched.
  void put(const ContentName& name, ByteView bytes);

  kernel::TableBase& table() noexcept [[clang::lifetimebound]] { return rows_; }
  const kernel::TableBase& table() const noexcept [[clang::lifetimebound]] { return rows_; }

 private:
  std::uint64_t rows_under(const ContentName& name) const;

  kernel::Table<ContentKey, ContentRow> rows_;
};

}  // namespace keel::devices
