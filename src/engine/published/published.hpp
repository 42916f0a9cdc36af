// What the engine itself writes (module 0): its records in the journal, its tables, and the frames
// of snapshot files. schema/module.engine.json is made of it, and node/schema compares the two. The
// bytes around records (segments, groups, envelopes) are docs/journal-format.md's.
#pragma once

#include "kernel/published/schema_book.hpp"

namespace keel::engine {

kernel::SchemaBook published();

}  // namespace keel::engine
