// One charging session, from a charge point's socket to its bill, told line by line: what `keel
// demo` begins with.
#pragma once

#include "base/result.hpp"
#include "node/load/server_process.hpp"

namespace keel::node {

// Enrols a charge point at the node, lets it charge once over OCPP, and prints each step with how
// long it took until it was durable, then the bill. The node serves OCPP.
Result<> tell_charging_story(const ServerProcess& server);

}  // namespace keel::node
