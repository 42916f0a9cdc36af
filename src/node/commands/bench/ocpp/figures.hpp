// What keel bench ocpp has measured, and how it is shown.
//
// Thread: the caller's.
#pragma once

#include <string>
#include <vector>

#include "base/json/json_writer.hpp"
#include "node/commands/bench/bench_figures.hpp"
#include "node/fleet/ocpp/message_load.hpp"

namespace keel::node {

// A server with so many connections that say nothing.
struct IdleFigures {
  std::uint64_t connections = 0;
  std::uint64_t resident_bytes = 0;
  Duration cpu;  // in `took`
  Duration took;
};

// Messages answered while the server was looked at, and what it used meanwhile.
struct RoundFigures {
  MessageLoadResult load;
  ServerFigures server;

  double cpu_us_each() const noexcept;
};

struct TargetFigures {
  std::string name;
  std::vector<IdleFigures> idle;  // the first one without connections
  std::vector<RoundFigures> rounds;

  MessageLoadResult load() const;
  // CPU of all rounds by their messages; of a round: RoundFigures.
  double cpu_us_each() const;
};

struct BilledSessions {
  std::uint64_t sessions = 0;  // that the node knows
  std::uint64_t billed = 0;    // closed, with the energy and the total that they must have
  bool balanced = false;       // the ledger
};

struct OcppFigures {
  std::vector<TargetFigures> targets;  // Keel, the echo, perhaps another
  BilledSessions billed;
  std::uint64_t acknowledged = 0;  // sessions whose stop was answered
};

void print_ocpp(const OcppFigures& figures);
// Members of an object that is open.
void write_ocpp(const OcppFigures& figures, JsonWriter& json);

}  // namespace keel::node
