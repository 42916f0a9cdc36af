// Which types a set of described structs needs. Internal to this folder.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe/struct_info.hpp"

namespace keel {

struct TypeSet {
  std::vector<const StructInfo*> structs;  // the roots first, each type once
  std::vector<const EnumInfo*> enums;      // also those that only Flags<> hold
};

// The roots and all that their fields refer to.
TypeSet collect(std::span<const StructInfo* const> roots);

// Those of one package; every root is of that package.
TypeSet of_package(const TypeSet& all, std::string_view package);

}  // namespace keel
