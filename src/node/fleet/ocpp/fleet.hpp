// OcppFleet: simulated charge points that charge, session after session, at any central system that
// speaks OCPP 1.6-J.
//
// Thread: one core of the process that measures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "node/fleet/ocpp/session_script.hpp"
#include "node/load/histogram.hpp"
#include "runtime/scope.hpp"
#include "runtime/zlib/zlib_deflate.hpp"

namespace keel::node {

struct OcppStation {
  std::string name;
  std::string secret;
  std::string token;  // who charges there
};

struct OcppFleetOptions {
  runtime::Endpoint central_system;
  std::string path = "/ocpp/";
  std::vector<OcppStation> stations;
  SessionPlan plan;      // of each session; its token is the station's
  bool deflate = false;  // the stations offer permessage-deflate
};

struct OcppFleetResult {
  std::uint64_t sessions = 0;  // brought to their end
  std::uint64_t failed = 0;    // given up, with what `last_error` says
  std::uint64_t calls = 0;     // answered
  std::uint64_t reconnected = 0;
  Histogram latency;  // of calls
  std::string last_error;
};

class OcppFleet {
 public:
  OcppFleet(runtime::Core& core, OcppFleetOptions options)
      : core_(core), options_(std::move(options)) {}

  // Charges until stop() or until `wait` is called off; a session that was begun is brought to its
  // end.
  runtime::Task<> run(runtime::Wait wait);
  void stop() noexcept { stopped_ = true; }
  // What has happened since the last call.
  OcppFleetResult take() { return std::exchange(result_, {}); }

 private:
  class Counter;
  static runtime::Task<> charge(OcppFleet* fleet, std::size_t station, runtime::Wait wait);
  void failed(const Error& why);

  runtime::Core& core_;
  OcppFleetOptions options_;
  runtime::ZlibDeflate deflate_;
  bool stopped_ = false;
  OcppFleetResult result_;
};

}  // namespace keel::node
