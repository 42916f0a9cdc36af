// Projection: something that follows a cell's durable history and makes something else of it: a
// view, an index, messages to the outside. It says where it is; the runner reads on from there.
//
// Delivery is at least once: a batch whose take() has not succeeded comes again. A projection that
// stores its output and the position in one step (one transaction, or in memory) sees each record
// exactly once.
#pragma once

#include <string_view>

#include "engine/history/subscription.hpp"

namespace keel::engine {

class Projection {
 public:
  virtual ~Projection() = default;
  virtual std::string_view name() const = 0;
  virtual RecordFilter filter() const = 0;
  // Everything up to here is part of the output.
  virtual runtime::Task<Result<Position>> position() = 0;
  // Takes in the records of a batch, and then stands at `upto`. After an error it is asked for its
  // position again.
  virtual runtime::Task<Result<>> take(const FrameBatch& batch, Position upto,
                                       runtime::Wait wait) = 0;
};

struct ProjectionOptions {
  PrincipalId principal;  // who reads; the authorizer must allow it
  // After an error; doubled each time, up to the longest.
  Duration pause = Duration::milliseconds(100);
  Duration longest_pause = Duration::seconds(30);
};

struct ProjectionStatistics {
  Position position;
  std::uint64_t records = 0;
  std::uint64_t failures = 0;
  std::uint64_t caught_up = 0;  // 1: it has been at the end
  std::optional<Error> last_failure;
};

// Thread: the client's core. Lifetime: client and projection outlive it; run() to its end before
// destruction.
class ProjectionRunner {
 public:
  ProjectionRunner(CellClient& client, Projection& projection, ProjectionOptions options)
      : client_(client), projection_(projection), options_(options), pause_(options.pause) {}

  // Follows until the wait is over; waits out failures of the cell and of the projection.
  runtime::Task<> run(runtime::Wait wait);

  const ProjectionStatistics& statistics() const noexcept [[clang::lifetimebound]] {
    return statistics_;
  }

 private:
  runtime::Task<Result<>> follow(runtime::Wait wait);

  CellClient& client_;
  Projection& projection_;
  ProjectionOptions options_;
  Duration pause_;
  FrameBatch batch_;
  ProjectionStatistics statistics_;
};

}  // namespace keel::engine
