// Answers from the state. Private to this folder.
#pragma once

#include "kernel/command.hpp"
#include "modules/devices/state/state.hpp"

namespace keel::devices {

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);

}  // namespace keel::devices
