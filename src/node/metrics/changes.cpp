#include "node/metrics/changes.hpp"

#include "node/log/events.hpp"

namespace keel::node {
namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

}  // namespace

void Changes::look(const NodeMetrics& now) {
  const std::uint64_t connections =
      grown(before_.http.refused_connections, now.http.refused_connections);
  if (connections != 0) log_.write(kConnectionsRefused, {{"connections", connections}});
  if (now.ready) look_at_cell(before_.cell, now.cell);  // else its counters say nothing
  before_ = now;
}

void Changes::look_at_cell(const engine::Statistics& was, const engine::Statistics& is) {
  const std::uint64_t refused = grown(was.groups_refused, is.groups_refused);
  if (refused != 0 && was.refusing == 0) log_.write(kJournalRefuses, {{"groups", refused}});
  if (is.refusing == 0 && (was.refusing != 0 || refused != 0)) log_.write(kJournalAccepts);
  if (const std::uint64_t requests = grown(was.shed, is.shed))
    log_.write(kShedding, {{"requests", requests}});
  if (grown(was.snapshots_failed, is.snapshots_failed) != 0) log_.write(kSnapshotFailed);
  if (grown(was.snapshots, is.snapshots) != 0) log_.write(kSnapshotTaken);
  if (is.clock_held != was.clock_held) log_.write(is.clock_held != 0 ? kClockHeld : kClockBelieved);
}

}  // namespace keel::node
