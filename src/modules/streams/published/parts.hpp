// The parts of the list, in the order in which they are made: what comes later speaks of what came
// before. Private to this folder.
#pragma once

#include "kernel/published/schema_book.hpp"

namespace keel::streams {

// Enums and flags; the rows of payloads and replies; the operations of a batch.
void list_values(kernel::SchemaBook& book);
void list_requests(kernel::SchemaBook& book);
void list_operations(kernel::SchemaBook& book);

// Keys and rows, then the tables.
void list_tables(kernel::SchemaBook& book);

// All of named streams: their tables, facts, commands and queries.
void list_logs(kernel::SchemaBook& book);

}  // namespace keel::streams
