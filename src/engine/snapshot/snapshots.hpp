// Snapshots: the files in a directory from which a cell can start without reading its whole
// journal. One is named after its position ("snapshot-00000000000000000042.keel"), is written under
// another name, made durable, and renamed when its position is durable in the journal: a file with
// that name is complete. docs/snapshot-format.md describes the bytes.
//
// Thread: the cell's core; taking one goes on in slices between commands.
#pragma once

#include <string>
#include <vector>

#include "engine/snapshot/snapshot_file.hpp"
#include "engine/state/cell_state.hpp"
#include "journal/port.hpp"
#include "kernel/snapshot.hpp"
#include "runtime/core.hpp"

namespace keel::engine {

class Snapshots {
 public:
  Snapshots(runtime::Disk& disk, std::string directory)
      : disk_(disk), directory_(std::move(directory)) {}

  // Positions of the complete ones, newest first. Makes the directory, removes what an earlier run
  // has left unfinished.
  runtime::Task<Result<std::vector<Position>>> list();

  // The same, but nothing is made or removed: for another program beside the node.
  runtime::Task<Result<std::vector<Position>>> look();

  // Fills a state that is as new. kBadSnapshot says why not; the state is then good for destruction
  // only. The record at its position must be in the journal, with the same cell time.
  runtime::Task<Result<>> load(Position position, CellState& state, journal::Journal& journal);

  std::string path_of(Position position) const;
  std::string unfinished_path_of(Position position) const;
  // The last two steps of taking one: the file gets its name; all but the newest `keep` up to it
  // go, and all above it.
  runtime::Task<Result<>> publish(Position position, std::size_t keep);
  runtime::Task<Result<>> remove_unfinished(Position position);

  runtime::Disk& disk() noexcept { return disk_; }

 private:
  runtime::Disk& disk_;
  std::string directory_;
};

// The state of a cell at one moment, handed out in slices while the cell goes on.
class SnapshotTaker {
 public:
  // About what one slice holds up the writer for: some 100 µs.
  static constexpr std::size_t kSliceBytes = 128 * 1024;

  // Freezes the state as it is now, at no cost. The state outlives the taker.
  explicit SnapshotTaker(CellState& state);

  Position position() const noexcept { return position_; }
  Timestamp time() const noexcept { return time_; }
  // The next piece into `to`, which is cleared first; nullopt: that was all.
  std::optional<SnapshotFrame> next(Bytes& to);

 private:
  std::vector<kernel::TableBase*> tables_;
  kernel::SnapshotWriter writer_;
  Position position_;
  Timestamp time_;
  bool tables_left_ = true;
};

}  // namespace keel::engine
