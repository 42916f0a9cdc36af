// Answers from the state. Private to this folder.
#pragma once

#include "kernel/described/dispatch.hpp"
#include "modules/devices/queries.hpp"
#include "modules/devices/state/state.hpp"

namespace keel::devices {

using Queries = kernel::Types<GetCredentials, ListDevices, GetTwin, ListChanges, ListUnpublished,
                              GetCall, ListOpenCalls>;

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);

}  // namespace keel::devices
