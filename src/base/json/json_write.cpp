#include "base/json/json.hpp"

namespace keel {
namespace {

void write_flags(const EnumInfo& flags, std::uint64_t bits, JsonWriter& json) {
  json.begin_list();
  for (const EnumeratorInfo& flag : flags.enumerators) {
    if ((bits & flag.value) != 0) json.text(flag.name);
  }
  json.end_list();
}

void write_value(const MemberType& type, ByteView value, JsonWriter& json,
                 Confidential confidential) {
  switch (type.kind) {
    case Kind::boolean:
      return json.boolean(load_unsigned(value) != 0);
    case Kind::unsigned_integer:
      if (value.size() == 8) return json.decimal_text(uint128{load_unsigned(value)});
      return json.number(load_unsigned(value));
    case Kind::signed_integer:
      if (value.size() == 8) return json.decimal_text(load_signed(value));
      return json.number(load_signed(value));
    case Kind::uint128: {
      uint128 number;
      std::memcpy(&number, value.data(), sizeof(number));
      return json.decimal_text(number);
    }
    case Kind::timestamp:
      return json.time(Timestamp{load_signed(value)});
    case Kind::text:
      return json.text(value_as<std::string>(value));
    case Kind::bytes:
      return json.base64(value_as<Bytes>(value));
    case Kind::fixed_bytes:
      return json.hexadecimal(value);
    case Kind::enumeration: {
      const EnumeratorInfo* enumerator = type.enumeration->find(load_unsigned(value));
      KEEL_ASSERT(enumerator != nullptr);
      return json.text(enumerator->name);
    }
    case Kind::flags:
      return write_flags(*type.enumeration, load_unsigned(value), json);
    case Kind::structure:
      return to_json(type.structure(), value, json, confidential);
  }
}

}  // namespace

void to_json(const StructInfo& info, ByteView object, JsonWriter& json, Confidential confidential) {
  KEEL_ASSERT(object.size() == info.size);
  json.begin_object();
  for (const FieldInfo& field : info.fields) {
    const MemberType& type = field.type;
    ByteView values = field.member(object);
    if (type.shape != Shape::single) values = type.values(values);
    if (type.shape == Shape::optional && values.empty()) continue;
    json.key(field.name);
    if (confidential == Confidential::hidden && field.attributes.confidential()) {
      json.text("[hidden]");
    } else if (type.shape == Shape::repeated) {
      json.begin_list();
      for (; !values.empty(); values = values.subspan(type.value_size)) {
        write_value(type, values.first(type.value_size), json, confidential);
      }
      json.end_list();
    } else {
      write_value(type, values, json, confidential);
    }
  }
  json.end_object();
}

}  // namespace keel
