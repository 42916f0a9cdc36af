#include "base/schema/collect.hpp"

namespace keel {
namespace {

template <typename T>
void add_once(std::vector<const T*>& to, const T& type) {
  if (std::ranges::find(to, type.name, &T::name) == to.end()) to.push_back(&type);
}

}  // namespace

TypeSet collect(std::span<const StructInfo* const> roots) {
  TypeSet all;
  for (const StructInfo* root : roots) add_once(all.structs, *root);
  for (std::size_t i = 0; i < all.structs.size(); ++i) {
    KEEL_ASSERT(all.structs[i]->defaults_are_zero());
    for (const FieldInfo& field : all.structs[i]->fields) {
      if (field.type.structure != nullptr) add_once(all.structs, field.type.structure());
      if (field.type.enumeration != nullptr) add_once(all.enums, *field.type.enumeration);
    }
  }
  return all;
}

TypeSet of_package(const TypeSet& all, std::string_view package) {
  TypeSet kept = all;
  std::erase_if(kept.structs, [&](auto* type) { return package_of(type->name) != package; });
  std::erase_if(kept.enums, [&](auto* type) { return package_of(type->name) != package; });
  return kept;
}

}  // namespace keel
