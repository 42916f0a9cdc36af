// The part of the list that is about tables: keys, rows, tables. Private to this folder.
#pragma once

#include "kernel/published/schema_book.hpp"

namespace keel::charging {

void list_tables(kernel::SchemaBook& book);

}  // namespace keel::charging
