// Answers to the queries of charging. Private to this folder.
#pragma once

#include "kernel/described/dispatch.hpp"
#include "modules/charging/queries.hpp"
#include "modules/charging/state/state.hpp"

namespace keel::charging {

using Queries = kernel::Types<StationCredentials, ListStations, ListSessions, GetTariff, GetDriver,
                              GetSettings, GetCall, MeterKeys>;

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);

}  // namespace keel::charging
