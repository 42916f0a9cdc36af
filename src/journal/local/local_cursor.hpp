// LocalCursor: reads the records of a local journal in order, through one bounded buffer and a file
// handle of its own, up to the durable end, which moves on while it reads.
//
// It checks what it reads: headers by their CRC and number, records by their CRC and sequence.
// Roots and hashes were checked when the journal was opened, behind the checkpoint; before it by
// whoever scrubs or verifies.
#pragma once

#include <memory>
#include <string>

#include "journal/chain.hpp"
#include "journal/local/options.hpp"
#include "journal/local/sparse_index.hpp"
#include "journal/port.hpp"
#include "journal/verify/file_window.hpp"
#include "runtime/core.hpp"

namespace keel::journal {

// What the journal shows to its cursors: how far it is durable. Outlives them.
struct DurableEnd {
  ChainIdentity identity;
  Position last;
  WalkPlace place;  // behind the last durable group
};

class LocalCursor final : public Cursor {
 public:
  // Starts looking at `from`, where a group begins, and gives the records after `after`.
  LocalCursor(runtime::Core& core, std::string directory, const LocalOptions& options,
              const DurableEnd& end, SparseIndex& index, WalkPlace from, Position after);

  runtime::Task<Result<std::optional<Record>>> next() override;

 private:
  runtime::Task<Result<>> load_group();
  runtime::Task<Result<>> open_segment();
  runtime::Task<Result<>> go_behind_cut();
  Error damaged(const Problem& problem) const;

  runtime::Core& core_;
  std::string directory_;
  SegmentClass class_;
  bool direct_;
  const DurableEnd& end_;
  SparseIndex& index_;  // learns where it has been
  WalkPlace place_;
  Position last_;                 // given out
  std::uint64_t last_group_ = 0;  // number of the one before place_; 0: not known yet
  FileWindow window_;
  std::unique_ptr<runtime::File> file_;
  std::uint64_t file_segment_ = 0;
  std::uint64_t file_bytes_ = 0;
  GroupRecords records_;
};

}  // namespace keel::journal
