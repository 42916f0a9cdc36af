// The metrics of a node, from the plain counters of its parts.
#pragma once

#include <optional>
#include <string>

#include "engine/cell/statistics.hpp"
#include "node/scrub/scrubber.hpp"
#include "runtime/stats.hpp"
#include "runtime/tls/connection.hpp"
#include "servers/http/server.hpp"

namespace keel::node {

struct NodeMetrics {
  engine::Statistics cell;
  servers::HttpServerStats http;
  std::optional<runtime::TlsStats> tls;
  ScrubStatus scrub;
  std::uint64_t reopenings = 0;
  bool ready = false;
};

void write_metrics(const NodeMetrics& metrics, std::string& text);

}  // namespace keel::node
