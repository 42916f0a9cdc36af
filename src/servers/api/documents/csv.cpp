#include "servers/api/documents/csv.hpp"

#include "base/ids.hpp"
#include "base/text/rfc3339.hpp"

namespace keel::servers {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

void append_text(std::string_view text, std::string& to) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    to += text;
    return;
  }
  to += '"';
  for (const char c : text) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

void append_flags(const EnumInfo& flags, std::uint64_t bits, std::string& to) {
  bool first = true;
  for (const EnumeratorInfo& flag : flags.enumerators) {
    if ((bits & flag.value) == 0) continue;
    if (!std::exchange(first, false)) to += '|';
    to += flag.name;
  }
}

void append_value(const MemberType& type, ByteView value, std::string& to) {
  switch (type.kind) {
    case Kind::boolean:
      to += load_unsigned(value) != 0 ? "true" : "false";
      return;
    case Kind::unsigned_integer:
      to += std::to_string(load_unsigned(value));
      return;
    case Kind::signed_integer:
      to += std::to_string(load_signed(value));
      return;
    case Kind::uint128: {
      uint128 number;
      std::memcpy(&number, value.data(), sizeof(number));
      to += to_decimal(number);
      return;
    }
    case Kind::timestamp:
      if (load_signed(value) != 0) append_rfc3339(to, Timestamp{load_signed(value)});
      return;
    case Kind::text:
      return append_text(value_as<std::string>(value), to);
    case Kind::flags:
      return append_flags(*type.enumeration, load_unsigned(value), to);
    case Kind::enumeration: {
      const EnumeratorInfo* enumerator = type.enumeration->find(load_unsigned(value));
      KEEL_ASSERT(enumerator != nullptr);
      to += enumerator->name;
      return;
    }
    case Kind::bytes:
    case Kind::fixed_bytes:
    case Kind::structure:
      break;
  }
  KEEL_ASSERT(false);  // no line of CSV has a cell for it
}

void append_names(const StructInfo& info, bool& first, std::string& to) {
  for (const FieldInfo& field : info.fields) {
    KEEL_ASSERT(field.type.shape != Shape::repeated);
    if (field.type.kind == Kind::structure) {
      append_names(field.type.structure(), first, to);
      continue;
    }
    if (!std::exchange(first, false)) to += ',';
    to += field.name;
  }
}

void append_cells(const StructInfo& info, ByteView object, bool& first, std::string& to) {
  for (const FieldInfo& field : info.fields) {
    ByteView value = field.member(object);
    if (field.type.shape == Shape::optional) value = field.type.values(value);
    if (field.type.kind == Kind::structure) {
      KEEL_ASSERT(field.type.shape == Shape::single);
      append_cells(field.type.structure(), value, first, to);
      continue;
    }
    if (!std::exchange(first, false)) to += ',';
    if (!value.empty()) append_value(field.type, value, to);
  }
}

}  // namespace

void append_csv_header(const StructInfo& info, std::string& to) {
  bool first = true;
  append_names(info, first, to);
  to += kLineEnd;
}

void append_csv_row(const StructInfo& info, ByteView object, std::string& to) {
  KEEL_ASSERT(object.size() == info.size);
  bool first = true;
  append_cells(info, object, first, to);
  to += kLineEnd;
}

}  // namespace keel::servers
