#include "base/schema/openapi.hpp"

#include "base/schema/collect.hpp"

namespace keel {
namespace {

void pair(JsonWriter& json, std::string_view key, std::string_view value) {
  json.key(key);
  json.text(value);
}

void names_of(const EnumInfo& enumeration, JsonWriter& json) {
  json.key("enum");
  json.begin_list();
  for (const EnumeratorInfo& one : enumeration.enumerators) json.text(one.name);
  json.end_list();
}

void integer(JsonWriter& json, std::int64_t least, std::uint64_t most) {
  pair(json, "type", "integer");
  json.key("minimum");
  json.number(least);
  json.key("maximum");
  json.number(most);
}

void text_of(JsonWriter& json, std::string_view format, std::string_view pattern) {
  pair(json, "type", "string");
  if (!format.empty()) pair(json, "format", format);
  if (!pattern.empty()) pair(json, "pattern", pattern);
}

// The keywords of one value, into an object that has begun.
void value_schema(const MemberType& type, JsonWriter& json) {
  const std::size_t size = type.value_size;
  switch (type.kind) {
    case Kind::boolean:
      return pair(json, "type", "boolean");
    case Kind::unsigned_integer:
      if (size == 8) return text_of(json, "uint64", "^[0-9]{1,20}$");
      return integer(json, 0, largest_unsigned(size));
    case Kind::signed_integer:
      if (size == 8) return text_of(json, "int64", "^-?[0-9]{1,19}$");
      return integer(json, -largest_signed(size) - 1,
                     static_cast<std::uint64_t>(largest_signed(size)));
    case Kind::uint128:
      return text_of(json, "uint128", "^([0-9]{1,39}|0x[0-9a-fA-F]{1,32})$");
    case Kind::timestamp:
      return text_of(json, "date-time", "");
    case Kind::text:
      return text_of(json, "", "");
    case Kind::bytes:
      text_of(json, "", "");
      return pair(json, "contentEncoding", "base64");
    case Kind::fixed_bytes:
      return text_of(json, "", "^[0-9a-fA-F]{" + std::to_string(2 * size) + "}$");
    case Kind::enumeration:
      text_of(json, "", "");
      return names_of(*type.enumeration, json);
    case Kind::flags:
      pair(json, "type", "array");
      json.key("items");
      json.begin_object();
      text_of(json, "", "");
      names_of(*type.enumeration, json);
      return json.end_object();
    case Kind::structure:
      return pair(json, "$ref", openapi_reference(type.structure()));
  }
}

void field_schema(const FieldInfo& field, JsonWriter& json) {
  json.begin_object();
  if (field.type.shape == Shape::repeated) {
    pair(json, "type", "array");
    json.key("items");
    json.begin_object();
    value_schema(field.type, json);
    json.end_object();
  } else {
    value_schema(field.type, json);
  }
  const Attributes& attributes = field.attributes;
  if (!attributes.doc.empty()) pair(json, "description", attributes.doc);
  if (attributes.deprecated) {
    json.key("deprecated");
    json.boolean(true);
  }
  if (!attributes.subject.empty()) pair(json, "x-personal-of", attributes.subject);
  if (attributes.secret) {
    json.key("x-secret");
    json.boolean(true);
  }
  json.end_object();
}

void struct_schema(const StructInfo& info, JsonWriter& json) {
  json.begin_object();
  pair(json, "type", "object");
  if (!info.doc.empty()) pair(json, "description", info.doc);
  json.key("additionalProperties");
  json.boolean(false);
  json.key("properties");
  json.begin_object();
  for (const FieldInfo& field : info.fields) {
    json.key(field.name);
    field_schema(field, json);
  }
  json.end_object();
  const auto is_required = [](const FieldInfo& field) { return field.attributes.required; };
  if (std::ranges::any_of(info.fields, is_required)) {
    json.key("required");
    json.begin_list();
    for (const FieldInfo& field : info.fields) {
      if (is_required(field)) json.text(field.name);
    }
    json.end_list();
  }
  json.end_object();
}

}  // namespace

std::string openapi_reference(const StructInfo& info) {
  return "#/components/schemas/" + std::string(info.name);
}

void openapi_schemas(std::span<const StructInfo* const> roots, JsonWriter& json) {
  for (const StructInfo* type : collect(roots).structs) {
    json.key(type->name);
    struct_schema(*type, json);
  }
}

}  // namespace keel
