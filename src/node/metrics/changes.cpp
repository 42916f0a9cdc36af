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
  if (now.mqtt) look_at(before_.mqtt.value_or(MqttMetrics()), *now.mqtt);
  before_.cells.resize(now.cells.size());
  for (std::size_t i = 0; i < now.cells.size(); ++i) {
    if (now.cells[i].ready) look_at(before_.cells[i], now.cells[i]);
  }
  before_ = now;
}

void Changes::look_at(const CellMetrics& before, const CellMetrics& now) {
  const engine::Statistics& was = before.statistics;
  const engine::Statistics& is = now.statistics;
  const log::Field cell{"cell", std::string_view(now.name)};
  const std::uint64_t refused = grown(was.groups_refused, is.groups_refused);
  if (refused != 0 && was.refusing == 0) log_.write(kJournalRefuses, {{"groups", refused}, cell});
  if (is.refusing == 0 && (was.refusing != 0 || refused != 0)) log_.write(kJournalAccepts, {cell});
  if (const std::uint64_t requests = grown(was.shed, is.shed))
    log_.write(kShedding, {{"requests", requests}, cell});
  if (grown(was.snapshots_failed, is.snapshots_failed) != 0) log_.write(kSnapshotFailed, {cell});
  if (grown(was.snapshots, is.snapshots) != 0) log_.write(kSnapshotTaken, {cell});
  if (is.clock_held != was.clock_held)
    log_.write(is.clock_held != 0 ? kClockHeld : kClockBelieved, {cell});
}

void Changes::look_at(const MqttMetrics& was, const MqttMetrics& is) {
  const std::uint64_t connections =
      grown(was.server.refused_connections, is.server.refused_connections);
  if (connections != 0) log_.write(kMqttConnectionsRefused, {{"connections", connections}});
  const std::uint64_t logins = grown(was.server.ended.bad_login, is.server.ended.bad_login);
  if (logins != 0) log_.write(kMqttLoginsRefused, {{"logins", logins}});
  const std::uint64_t lost =
      grown(was.broker.revoked_subscriptions, is.broker.revoked_subscriptions);
  const std::uint64_t kept_from =
      grown(was.broker.dropped_not_allowed, is.broker.dropped_not_allowed);
  if (lost + kept_from != 0)
    log_.write(kMqttRevoked, {{"subscriptions", lost}, {"messages", kept_from}});
  const std::uint64_t slow = grown(was.broker.dropped_slow, is.broker.dropped_slow);
  const std::uint64_t full = grown(was.broker.dropped_queue_full, is.broker.dropped_queue_full);
  if (slow + full != 0) log_.write(kMqttDropped, {{"slow", slow}, {"queue_full", full}});
}

}  // namespace keel::node
