// What the bench commands have in common: what a server used while it was measured, and how that
// and the latencies are shown.
//
// Thread: the caller's.
#pragma once

#include <vector>

#include "base/json/json_writer.hpp"
#include "node/load/histogram.hpp"
#include "node/load/server_process.hpp"

namespace keel::node {

// Between two readings of a server's usage.
struct ServerFigures {
  Duration took;
  Duration user;
  Duration system;
  std::uint64_t resident_bytes = 0;           // at the second
  std::vector<ProcessUsage::Thread> threads;  // that lived at both
};
ServerFigures between(const ProcessUsage& before, const ProcessUsage& after, Duration took);

// Lines for a person, indented to stand below a first one.
void print_latency(const Histogram& latency);
void print_server(const ServerFigures& server, std::uint64_t operations, const char* operation);

// Members of an object that is open.
void write_latency(const Histogram& latency, JsonWriter& json);
void write_server(const ServerFigures& server, JsonWriter& json);

double microseconds(Duration duration);

}  // namespace keel::node
