// NodeServer: a server as the node holds it: one protocol, on any number of ports of the network's
// core.
//
// Thread: the network's core. Order: open(), then run() to its end, then destruction; after a
// failed open() destruction at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/metrics/node_metrics.hpp"
#include "runtime/task.hpp"

namespace keel::node {

// Where clients can connect.
struct OpenPort {
  std::string_view scheme;  // "http"; static lifetime
  std::string address;      // as it was configured
  std::uint16_t port = 0;   // as it was bound
};

class NodeServer {
 public:
  virtual ~NodeServer() = default;
  // Binds. From here on clients can connect; they are served when run() is.
  virtual runtime::Task<Result<std::vector<OpenPort>>> open() = 0;
  // Serves until stop(), then lets what is under way end, within the server's own limit of time.
  virtual runtime::Task<> run() = 0;
  virtual void stop() noexcept = 0;
  virtual std::uint64_t connections() const noexcept = 0;  // open now
  // Writes its part.
  virtual void read(NodeMetrics& metrics) const = 0;
};

}  // namespace keel::node
