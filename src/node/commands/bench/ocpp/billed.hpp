// Reads back what a node has billed, and checks each session.
#pragma once

#include "node/client/http_client.hpp"
#include "node/commands/bench/ocpp/figures.hpp"
#include "node/fleet/charging/enroll.hpp"

namespace keel::node {

// What a session of so much energy costs by the tariff that was enrolled, in minor units.
std::uint64_t price_of(const EnrollOptions& enrolled, std::uint64_t energy_wh);

// All sessions of a node, each of which must be closed and have used `energy_wh`. client.* when the
// node answers something else; those of the connection.
runtime::Task<Result<BilledSessions>> read_billed(HttpClient& client, const EnrollOptions& enrolled,
                                                  std::uint64_t energy_wh, runtime::Wait wait);

}  // namespace keel::node
