// rehash(): replays a whole journal from its first record into a new state, and compares the
// state's hash wherever one was seen before: live, or after an opening from a snapshot and the
// tail.
#pragma once

#include "sim/torture/stage/watch.hpp"

namespace keel::torture {

// Findings go to run.told. Positions beyond the journal's end are left out.
runtime::Task<Result<>> rehash(Run& run, runtime::Core& core, journal::Journal& journal,
                               const engine::ModuleFactory& modules);

}  // namespace keel::torture
