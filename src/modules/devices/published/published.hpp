// What devices publishes: its rows, events, commands, queries and tables.
// schema/module.devices.json is made of it, and node/schema compares the two. A shape that journals
// or clients have seen stays as it is; a new one gets a number or a version of its own.
#pragma once

#include "kernel/published/schema_book.hpp"

namespace keel::devices {

kernel::SchemaBook published();

}  // namespace keel::devices
