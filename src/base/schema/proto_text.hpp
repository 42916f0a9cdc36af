// Described structs as a .proto file (proto3), for peers that generate their own code from it.
#pragma once

#include <span>
#include <string>

#include "base/describe/struct_info.hpp"

namespace keel {

// A complete file: the roots, all of one package, and what they need. Types of other packages are
// imported from
// "<package>.proto". Flags<> and integers without a type of their own in proto3 say in a comment
// what they hold.
std::string proto_text(std::span<const StructInfo* const> roots);

}  // namespace keel
