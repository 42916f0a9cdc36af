// Timelines: the timelines of a cell's sessions, in a running node. It follows the cell's history
// with a projection, and reads the records that it has noted down.
//
// Thread: the client's core. Lifetime: what it is given outlives it; run() to its end before
// destruction. Bounds: kMostPositions of a session, kMostRecords and about kMostBytes a page.
#pragma once

#include <string>

#include "engine/requests/client.hpp"
#include "node/timeline/session_threads.hpp"
#include "node/timeline/timeline.hpp"

namespace keel::node {

class Timelines {
 public:
  static constexpr std::size_t kMostPositions = 10'000;
  static constexpr std::size_t kMostRecords = 200;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;

  struct Parts {
    engine::CellClient& client;
    PrincipalId principal;  // who reads; the authorizer must allow it
    std::string directory;  // the projection's own
  };
  explicit Timelines(Parts parts);

  // Follows the history until the wait is over.
  runtime::Task<> run(runtime::Wait wait);

  struct Wanted {
    TenantId tenant;
    Thread::Kind by = Thread::Kind::session;
    uint128 id = 0;
    Position after;         // zero: from the first
    std::size_t limit = 0;  // records; 0: kMostRecords
  };
  // kNoTimeline; kTimelineBehind: the projection does not come so far in time; kWrongTimeline;
  // those of the cell and of the disk.
  runtime::Task<Result<Timeline>> timeline(Wanted wanted, runtime::Wait wait);

  const engine::ProjectionStatistics& statistics() const noexcept [[clang::lifetimebound]] {
    return runner_.statistics();
  }

 private:
  runtime::Task<Result<>> look_at_end(runtime::Wait wait);
  // Waits until everything durable now is in the index.
  runtime::Task<Result<>> catch_up(runtime::Wait wait);
  // The session of a correlation's records; zero: none.
  runtime::Task<Result<charging::SessionNumber>> session_of(TenantId tenant,
                                                            const std::vector<Position>& positions,
                                                            runtime::Wait wait);
  runtime::Task<Result<CorrelationId>> correlation_of(TenantId tenant,
                                                      charging::SessionNumber session,
                                                      runtime::Wait wait);
  // Appends the page's records.
  runtime::Task<Result<>> fill(Timeline& timeline, const Wanted& wanted,
                               const std::vector<Position>& positions, runtime::Wait wait);

  Parts parts_;
  SessionThreads threads_;
  engine::ProjectionRunner runner_;
};

}  // namespace keel::node
