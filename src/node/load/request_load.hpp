// RequestLoad: clients that send one GET again and again, for what the HTTP server itself costs.
//
// With a rate the load is open and a request's latency counts from the moment at which it was to be
// sent (coordinated omission corrected); without one it is closed.
//
// Thread: one core of the process that measures.
#pragma once

#include <string>

#include "node/client/http_client.hpp"
#include "node/load/histogram.hpp"
#include "node/load/slots.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

struct RequestLoadOptions {
  std::uint32_t clients = 32;
  std::uint64_t rate = 0;  // requests a second, all clients together; 0: as fast as answers come
  std::string target = "/healthz";
};

struct RequestLoadResult {
  std::uint64_t requests = 0;  // answered with a status below 400
  std::uint64_t refused = 0;   // answered with another status
  std::uint64_t lost = 0;      // connection lost before the answer
  Histogram latency;           // of all that were answered
};

class RequestLoad {
 public:
  RequestLoad(runtime::Core& core, NodeAddress address, RequestLoadOptions options)
      : core_(core), address_(std::move(address)), options_(std::move(options)) {}

  // Sends until stop() or until `wait` is called off, then returns when every client has ended.
  runtime::Task<> run(runtime::Wait wait);
  void stop() noexcept { stopped_ = true; }
  // What has happened since the last call.
  RequestLoadResult take() noexcept { return std::exchange(result_, {}); }

 private:
  static runtime::Task<> client(RequestLoad* load, runtime::Wait wait);

  runtime::Core& core_;
  NodeAddress address_;
  RequestLoadOptions options_;
  Slots slots_;
  bool stopped_ = false;
  RequestLoadResult result_;
};

}  // namespace keel::node
