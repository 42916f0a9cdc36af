// SessionThreads: a projection that writes down which records tell of which session, and which came
// of one request from outside, for every tenant of a cell. Its output is made durable, and its
// position stored behind it, now and then and at the end: what a stop cuts off comes again. While
// it stores, the stored position is zero: interrupted in the middle, it begins anew.
//
// Thread: the client's core, which is that of the disk.
#pragma once

#include <optional>

#include "engine/projection/position_file.hpp"
#include "engine/projection/projection.hpp"
#include "modules/charging/events.hpp"
#include "node/timeline/thread_index.hpp"
#include "runtime/core.hpp"

namespace keel::node {

class SessionThreads final : public engine::Projection {
 public:
  SessionThreads(runtime::Core& core, const std::string& directory)
      : core_(core), index_(core.disk(), directory), stored_(core.disk(), directory, "threads") {}

  std::string_view name() const override { return "timelines"; }
  // Every record that may belong to a session, but for postings.
  static engine::RecordFilter kinds();
  engine::RecordFilter filter() const override { return kinds(); }
  // A damaged position begins anew.
  runtime::Task<Result<Position>> position() override;
  runtime::Task<Result<>> take(const engine::FrameBatch& batch, Position upto,
                               runtime::Wait wait) override;

  // Makes durable what was taken in.
  runtime::Task<Result<>> store();
  // Begins anew: what is there is of another journal, or of a later state of this one.
  runtime::Task<Result<>> forget();

  ThreadIndex& index() noexcept [[clang::lifetimebound]] { return index_; }

 private:
  runtime::Task<Result<>> take_record(const journal::Envelope& envelope, ByteView payload);
  // What came of the request before its session began belongs to the session.
  runtime::Task<Result<>> take_beginning(TenantId tenant, charging::SessionNumber session,
                                         CorrelationId correlation);

  runtime::Core& core_;
  ThreadIndex index_;
  engine::PositionFile stored_;
  std::optional<Position> taken_;  // nothing: not read from the file yet
  Timestamp stored_at_;            // monotonic
};

// Which session a record tells of; zero: none, or it is not a fact of charging that is known here.
Result<charging::SessionNumber> session_in(kernel::EventType type, ByteView payload);

}  // namespace keel::node
