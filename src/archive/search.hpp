// Search: looks rows up in the files that a manifest names, through the blocks that are at hand.
// Each call completes, or notes every block that it found lacking on its way, so that few rounds
// of fetching suffice: one for the filters, then one for each level of fences, leaves, and rows.
//
// Pure and synchronous. Lives for one round of one request; manifest and blocks outlive it.
//
// Cost, blocks at hand: find() of a key that is not there, one block of filter a run, and 1 % of
// the runs in vain; of one that is there, the fences and a leaf of its run as well. A scan
// goes through all runs that may hold rows of the range.
#pragma once

#include "archive/manifest.hpp"
#include "kernel/cold.hpp"

namespace keel::archive {

class Search final : public kernel::ColdSource {
 public:
  Search(const Manifest& manifest, kernel::BlockSource& blocks)
      : manifest_(manifest), blocks_(blocks) {}

  std::uint64_t rows(kernel::TableId table) const override;
  // The row was not dropped.
  std::optional<ByteView> row(kernel::TableId table, std::uint64_t number) override;
  // The key has the index's size. Of a unique index: its newest entry, should a key have come again
  // after its row was of no use any more; of another one its first entry. Rows that were dropped
  // are not found.
  Found find(kernel::TableId table, std::size_t index, ByteView key) override;
  // Not of a unique index, whose keys are mixed.
  bool scan(kernel::TableId table, std::size_t index, const kernel::ColdRange& range,
            Bytes& entries) override;

 private:
  // By the greatest and the least entry that the key can have; mixed where it is unique.
  Found find_unique(const TableFiles& files, const IndexRuns& runs, ByteView entry);
  Found find_first(const TableFiles& files, const IndexRuns& runs, ByteView entry);

  const Manifest& manifest_;
  kernel::BlockSource& blocks_;
};

}  // namespace keel::archive
