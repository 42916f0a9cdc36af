#include "base/schema/package_schema.hpp"

#include "base/json/json.hpp"
#include "base/schema/collect.hpp"

namespace keel {
namespace {

std::string type_text(const MemberType& type) {
  const std::string bits = std::to_string(8 * type.value_size);
  switch (type.kind) {
    case Kind::boolean:
      return "bool";
    case Kind::unsigned_integer:
      return "uint" + bits;
    case Kind::signed_integer:
      return "sint" + bits;
    case Kind::uint128:
      return "uint128";
    case Kind::timestamp:
      return "timestamp";
    case Kind::text:
      return "text";
    case Kind::bytes:
      return "bytes";
    case Kind::fixed_bytes:
      return "bytes[" + std::to_string(type.value_size) + "]";
    case Kind::enumeration:
      return "enum " + std::string(type.enumeration->name);
    case Kind::flags:
      return "flags" + bits + " " + std::string(type.enumeration->name);
    case Kind::structure:
      return "struct " + std::string(type.structure().name);
  }
  return "";
}

std::string shape_text(Shape shape) {
  switch (shape) {
    case Shape::single:
      return "single";
    case Shape::optional:
      return "optional";
    case Shape::repeated:
      return "repeated";
  }
  return "";
}

std::vector<ReservedSchema> reserved_schema(std::span<const Reserved> all) {
  std::vector<ReservedSchema> made;
  for (const Reserved& one : all) made.push_back({one.number, std::string(one.name)});
  return made;
}

StructSchema struct_schema(const StructInfo& info) {
  StructSchema schema{std::string(info.name), {}, reserved_schema(info.reserved)};
  for (const FieldInfo& field : info.fields) {
    const Attributes& attributes = field.attributes;
    schema.fields.push_back({field.number, std::string(field.name), type_text(field.type),
                             shape_text(field.type.shape), std::string(attributes.subject),
                             attributes.secret, attributes.required, attributes.deprecated});
  }
  return schema;
}

EnumSchema enum_schema(const EnumInfo& info) {
  EnumSchema schema{std::string(info.name), {}, reserved_schema(info.reserved)};
  for (const EnumeratorInfo& one : info.enumerators) {
    schema.enumerators.push_back({one.value, std::string(one.name)});
  }
  return schema;
}

}  // namespace

PackageSchema package_schema(std::span<const StructInfo* const> roots) {
  KEEL_ASSERT(!roots.empty());
  PackageSchema schema{std::string(package_of(roots.front()->name))};
  for (const StructInfo* root : roots) KEEL_ASSERT(package_of(root->name) == schema.package);
  const TypeSet all = collect(roots);
  for (const StructInfo* type : all.structs) schema.structs.push_back(struct_schema(*type));
  for (const EnumInfo* type : all.enums) schema.enums.push_back(enum_schema(*type));
  std::ranges::sort(schema.structs, {}, &StructSchema::name);
  std::ranges::sort(schema.enums, {}, &EnumSchema::name);
  return schema;
}

std::string to_text(const PackageSchema& schema) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  to_json(schema, json);
  return text + "\n";
}

}  // namespace keel
