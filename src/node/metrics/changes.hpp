// Changes: tells the log what an operator should read about how the counters of a node grow. It is
// given one reading after the other, all of the same cells.
//
// Thread: one core's.
#pragma once

#include "base/log/log.hpp"
#include "node/metrics/node_metrics.hpp"

namespace keel::node {

class Changes {
 public:
  explicit Changes(log::Logger& log) : log_(log) {}

  // Counters that fell belong to a cell that was opened again: they count from zero.
  void look(const NodeMetrics& now);

 private:
  void look_at(const MqttMetrics& was, const MqttMetrics& is);
  void look_at(const CellMetrics& was, const CellMetrics& is);

  log::Logger& log_;
  NodeMetrics before_;
};

}  // namespace keel::node
