// Answers to the queries of charging. Private to this folder.
#pragma once

#include "kernel/command.hpp"
#include "modules/charging/queries.hpp"
#include "modules/charging/state/state.hpp"

namespace keel::charging {

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);

}  // namespace keel::charging
