// Described structs as schema objects of OpenAPI 3.1 (JSON Schema 2020-12), as they stand under
// components/schemas.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/describe/struct_info.hpp"
#include "base/json/json_writer.hpp"

namespace keel {

// "#/components/schemas/keel.ledger.OpenAccount"
std::string openapi_reference(const StructInfo& info);

// Writes one key and schema for each root and each type that it needs, into an object that `json`
// has begun. What a schema says of 64- and 128-bit integers is how they are written; that numbers
// are taken too stands in json.hpp.
void openapi_schemas(std::span<const StructInfo* const> roots, JsonWriter& json);

}  // namespace keel
