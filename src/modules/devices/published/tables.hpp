// The part of the list that is about tables: keys, rows, tables. Private to this folder.
#pragma once

#include "kernel/published/schema_book.hpp"

namespace keel::devices {

void list_tables(kernel::SchemaBook& book);

}  // namespace keel::devices
