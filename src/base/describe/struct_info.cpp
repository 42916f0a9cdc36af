#include "base/describe/struct_info.hpp"

#include "base/time.hpp"

namespace keel {
namespace {

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

bool is_default_struct(const StructInfo& info, ByteView object) {
  return std::ranges::all_of(
      info.fields, [&](const FieldInfo& field) { return is_default(field, field.member(object)); });
}

template <typename T>
T load(ByteView value) {
  T loaded;
  KEEL_ASSERT(value.size() == sizeof(T));
  std::memcpy(&loaded, value.data(), sizeof(T));
  return loaded;
}

}  // namespace

const EnumeratorInfo* EnumInfo::find(std::uint64_t value) const noexcept {
  const auto found = std::ranges::find(enumerators, value, &EnumeratorInfo::value);
  return found == enumerators.end() ? nullptr : std::to_address(found);
}

const EnumeratorInfo* EnumInfo::find(std::string_view enumerator) const noexcept {
  const auto found = std::ranges::find(enumerators, enumerator, &EnumeratorInfo::name);
  return found == enumerators.end() ? nullptr : std::to_address(found);
}

std::uint64_t EnumInfo::all_bits() const noexcept {
  std::uint64_t bits = 0;
  for (const EnumeratorInfo& enumerator : enumerators) bits |= enumerator.value;
  return bits;
}

const FieldInfo* StructInfo::find(std::uint32_t number) const noexcept {
  const auto found = std::ranges::lower_bound(fields, number, {}, &FieldInfo::number);
  return found == fields.end() || found->number != number ? nullptr : std::to_address(found);
}

const FieldInfo* StructInfo::find(std::string_view field) const noexcept {
  const auto found = std::ranges::find(fields, field, &FieldInfo::name);
  return found == fields.end() ? nullptr : std::to_address(found);
}

std::string_view package_of(std::string_view name) noexcept {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

std::string_view short_name_of(std::string_view name) noexcept {
  return name.substr(name.rfind('.') + 1);
}

std::uint64_t load_unsigned(ByteView value) {
  switch (value.size()) {
    case 1:
      return load<std::uint8_t>(value);
    case 2:
      return load<std::uint16_t>(value);
    case 4:
      return load<std::uint32_t>(value);
    default:
      return load<std::uint64_t>(value);
  }
}

std::int64_t load_signed(ByteView value) {
  switch (value.size()) {
    case 1:
      return load<std::int8_t>(value);
    case 2:
      return load<std::int16_t>(value);
    case 4:
      return load<std::int32_t>(value);
    default:
      return load<std::int64_t>(value);
  }
}

void store_integer(ByteSpan value, std::uint64_t bits) {
  KEEL_ASSERT(value.size() <= sizeof(bits));
  std::memcpy(value.data(), &bits, value.size());
}

std::uint64_t largest_unsigned(std::size_t size) {
  return UINT64_MAX >> (64 - 8 * size);
}

std::int64_t largest_signed(std::size_t size) {
  return static_cast<std::int64_t>(largest_unsigned(size) >> 1);
}

bool is_default(const FieldInfo& field, ByteView member) {
  if (field.type.shape != Shape::single) return field.type.values(member).empty();
  switch (field.type.kind) {
    case Kind::text:
      return value_as<std::string>(member).empty();
    case Kind::bytes:
      return value_as<Bytes>(member).empty();
    case Kind::structure:
      return is_default_struct(field.type.structure(), member);
    default:
      return all_zero(member);
  }
}

}  // namespace keel
