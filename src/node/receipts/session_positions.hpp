// SessionPositions: a projection that writes down which record bills which session, for every
// tenant of a cell. Its output is made durable, and its position stored behind it, now and then and
// at the end: what a stop cuts off comes again.
//
// Thread: the client's core, which is that of the disk.
#pragma once

#include "engine/projection/position_file.hpp"
#include "engine/projection/projection.hpp"
#include "node/receipts/position_table.hpp"
#include "runtime/core.hpp"

namespace keel::node {

class SessionPositions final : public engine::Projection {
 public:
  SessionPositions(runtime::Core& core, const std::string& directory)
      : core_(core), table_(core.disk(), directory), stored_(core.disk(), directory, "sessions") {}

  std::string_view name() const override { return "receipts"; }
  engine::RecordFilter filter() const override;
  // A damaged position begins anew.
  runtime::Task<Result<Position>> position() override;
  runtime::Task<Result<>> take(const engine::FrameBatch& batch, Position upto,
                               runtime::Wait wait) override;

  // Makes durable what was taken in.
  runtime::Task<Result<>> store();
  // Begins anew: what is there is of another journal, or of a later state of this one.
  runtime::Task<Result<>> forget();

  PositionTable& table() noexcept [[clang::lifetimebound]] { return table_; }

 private:
  runtime::Core& core_;
  PositionTable table_;
  engine::PositionFile stored_;
  std::optional<Position> taken_;  // nothing: not read from the file yet
  Timestamp stored_at_;            // monotonic
};

}  // namespace keel::node
