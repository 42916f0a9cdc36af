// How descriptions become tables. Included by describe.hpp, which is what a reader wants.
#pragma once

#include "base/bounded_vector.hpp"
#include "base/describe/describe.hpp"
#include "base/strong_id.hpp"

namespace keel::detail {

template <typename T>
struct IsStrongId : std::false_type {};
template <typename Tag, typename Representation>
struct IsStrongId<StrongId<Tag, Representation>> : std::true_type {};

template <typename T>
struct IsFlags : std::false_type {};
template <typename E>
struct IsFlags<Flags<E>> : std::true_type {};

template <typename T>
struct IsFixedBytes : std::false_type {};
template <std::size_t Size>
struct IsFixedBytes<std::array<std::byte, Size>> : std::true_type {};

template <typename T>
consteval Kind kind_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return Kind::boolean;
  } else if constexpr (std::is_same_v<T, uint128>) {
    return Kind::uint128;
  } else if constexpr (IsStrongId<T>::value) {
    return kind_of<typename T::representation>();
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, char>) {
    static_assert(sizeof(T) <= 8, "of the 128-bit integers only uint128 has a form in the formats");
    return std::is_signed_v<T> ? Kind::signed_integer : Kind::unsigned_integer;
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return Kind::timestamp;
  } else if constexpr (std::is_same_v<T, Duration>) {
    return Kind::signed_integer;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return Kind::text;
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return Kind::bytes;
  } else if constexpr (IsFixedBytes<T>::value) {
    return Kind::fixed_bytes;
  } else if constexpr (IsFlags<T>::value) {
    return Kind::flags;
  } else if constexpr (std::is_enum_v<T>) {
    return Kind::enumeration;
  } else {
    static_assert(Described<T>, "a member's type is not one of those listed in describe.hpp");
    return Kind::structure;
  }
}

// --- enums ---
template <DescribedEnum E>
inline constexpr auto kEnumDescription = description(std::type_identity<E>{});

template <typename D>
consteval bool enumerators_differ(const D& description) {
  for (std::size_t i = 0; i < description.enumerators.size(); ++i) {
    const EnumeratorInfo& one = description.enumerators[i];
    for (std::size_t k = 0; k < i; ++k) {
      if (description.enumerators[k].name == one.name) return false;
      if (description.enumerators[k].value == one.value) return false;
    }
    for (const Reserved& reserved : description.reserved) {
      if (reserved.number == one.value || reserved.name == one.name) return false;
    }
  }
  return true;
}

template <typename D>
consteval bool enumerators_are_bits(const D& description) {
  for (const EnumeratorInfo& one : description.enumerators) {
    if (!std::has_single_bit(one.value)) return false;
  }
  return true;
}

template <typename D>
consteval bool enumerators_start_at_zero(const D& description) {
  for (const EnumeratorInfo& one : description.enumerators) {
    if (one.value > INT32_MAX) return false;
  }
  return !description.enumerators.empty() && description.enumerators[0].value == 0;
}

template <DescribedEnum E>
inline constexpr EnumInfo kEnumInfo = [] {
  static_assert(enumerators_differ(kEnumDescription<E>),
                "an enum's names and values are used once, reserved ones not at all");
  return EnumInfo{kEnumDescription<E>.name, kEnumDescription<E>.enumerators,
                  kEnumDescription<E>.reserved};
}();

template <typename T>
consteval const EnumInfo* enum_info_of() {
  if constexpr (IsFlags<T>::value) {
    static_assert(enumerators_are_bits(kEnumDescription<typename T::enumeration>),
                  "each enumerator of Flags<> is one bit");
    return &kEnumInfo<typename T::enumeration>;
  } else if constexpr (std::is_enum_v<T>) {
    static_assert(enumerators_start_at_zero(kEnumDescription<T>),
                  "an enum's first enumerator is zero, and all are below 2^31");
    return &kEnumInfo<T>;
  } else {
    return nullptr;
  }
}

// --- members ---
template <typename T>
ByteSpan writable(T& value) {
  return std::as_writable_bytes(std::span<T, 1>(&value, 1));
}

// A member that holds one value. Specialised below for those that hold none, one or many.
template <typename Member>
struct Container {
  using Value = Member;
  static constexpr Shape kShape = Shape::single;
  static constexpr auto kValues = nullptr;
  static constexpr auto kAdd = nullptr;
};

template <typename T>
struct Container<std::optional<T>> {
  using Value = T;
  static constexpr Shape kShape = Shape::optional;
  static ByteView kValues(ByteView member) {
    const auto& optional = value_as<std::optional<T>>(member);
    return optional ? std::as_bytes(std::span<const T, 1>(&*optional, 1)) : ByteView{};
  }
  static ByteSpan kAdd(ByteSpan member) {
    auto& optional = value_as<std::optional<T>>(member);
    return writable(optional ? *optional : optional.emplace());
  }
};

template <typename T>
  requires(!std::is_same_v<T, std::byte>)
struct Container<std::vector<T>> {
  static_assert(!std::is_same_v<T, bool>, "std::vector<bool> holds no bools");
  using Value = T;
  static constexpr Shape kShape = Shape::repeated;
  static ByteView kValues(ByteView member) {
    return std::as_bytes(std::span(value_as<std::vector<T>>(member)));
  }
  static ByteSpan kAdd(ByteSpan member) {
    return writable(value_as<std::vector<T>>(member).emplace_back());
  }
};

template <typename T, std::size_t Capacity>
struct Container<BoundedVector<T, Capacity>> {
  using Value = T;
  static constexpr Shape kShape = Shape::repeated;
  static ByteView kValues(ByteView member) {
    return std::as_bytes(value_as<BoundedVector<T, Capacity>>(member).elements());
  }
  static ByteSpan kAdd(ByteSpan member) {
    auto& list = value_as<BoundedVector<T, Capacity>>(member);
    return list.try_push_back(T{}) ? writable(list.back()) : ByteSpan{};
  }
};

template <typename Member>
consteval MemberType member_type() {
  using Holder = Container<Member>;
  using Value = typename Holder::Value;
  MemberType type{kind_of<Value>(), Holder::kShape, sizeof(Member), sizeof(Value)};
  type.enumeration = enum_info_of<Value>();
  if constexpr (kind_of<Value>() == Kind::structure) type.structure = &info<Value>;
  type.values = Holder::kValues;
  type.add = Holder::kAdd;
  return type;
}

// --- structs ---

inline constexpr std::size_t kMostFields = 128;

template <Described T>
inline constexpr auto kDescription = T::description();

template <typename Item>
inline constexpr bool kIsField = !std::is_same_v<std::remove_cvref_t<Item>, Reserved>;

// Calls `use` with each item of T's description that is a field, or with each that is reserved.
template <Described T, bool Fields, typename Use>
consteval void for_each_item(const Use& use) {
  const auto each = [&](const auto& item) {
    if constexpr (kIsField<decltype(item)> == Fields) use(item);
  };
  std::apply([&](const auto&... item) { (each(item), ...); }, kDescription<T>.items);
}

template <Described T, bool Fields>
consteval std::size_t count_items() {
  std::size_t count = 0;
  for_each_item<T, Fields>([&](const auto&) { ++count; });
  return count;
}

// Where the member of one item lies. Asked of an object, because the language computes no offset
// from a pointer to member alone; the compiler does, and makes a constant of it.
template <Described T, std::size_t Item>
std::size_t offset_of(ByteView object) {
  static constexpr auto kMember = std::get<Item>(kDescription<T>.items).member;
  const T& whole = value_as<T>(object);
  return std::bit_cast<std::uintptr_t>(&(whole.*kMember)) - std::bit_cast<std::uintptr_t>(&whole);
}

template <typename Struct, typename Member>
consteval MemberType type_of(const FieldDescription<Struct, Member>&) {
  return member_type<Member>();
}

template <Described T>
consteval auto make_fields() {
  constexpr std::size_t kItems = std::tuple_size_v<decltype(kDescription<T>.items)>;
  std::array<FieldInfo, count_items<T, true>()> fields{};
  std::size_t next = 0;
  const auto place = [&]<std::size_t Item>() {
    const auto& item = std::get<Item>(kDescription<T>.items);
    if constexpr (kIsField<decltype(item)>) {
      fields[next++] = {item.number, item.name, type_of(item), item.attributes,
                        &offset_of<T, Item>};
    }
  };
  [&]<std::size_t... Item>(std::index_sequence<Item...>) {
    (place.template operator()<Item>(), ...);
  }(std::make_index_sequence<kItems>{});
  return fields;
}

template <Described T>
inline constexpr auto kFields = make_fields<T>();

template <Described T>
consteval auto make_reserved() {
  std::array<Reserved, count_items<T, false>()> all{};
  std::size_t next = 0;
  for_each_item<T, false>([&](const Reserved& one) { all[next++] = one; });
  return all;
}

template <Described T>
inline constexpr auto kReserved = make_reserved<T>();

consteval bool numbers_ascend(std::span<const FieldInfo> fields) {
  return std::ranges::adjacent_find(fields, std::ranges::greater_equal{}, &FieldInfo::number) ==
         fields.end();
}

consteval bool names_differ(std::span<const FieldInfo> fields) {
  return std::ranges::all_of(fields, [&](const FieldInfo& field) {
    return std::ranges::count(fields, field.name, &FieldInfo::name) == 1;
  });
}

consteval bool names_are_snake_case(std::span<const FieldInfo> fields) {
  const auto is_letter = [](char letter) { return letter >= 'a' && letter <= 'z'; };
  const auto is_legal = [&](char letter) {
    return is_letter(letter) || letter == '_' || (letter >= '0' && letter <= '9');
  };
  return std::ranges::all_of(fields, [&](const FieldInfo& field) {
    return !field.name.empty() && is_letter(field.name[0]) &&
           std::ranges::all_of(field.name, is_legal);
  });
}

consteval bool reserved_stay_reserved(std::span<const FieldInfo> fields,
                                      std::span<const Reserved> reserved) {
  return std::ranges::all_of(fields, [&](const FieldInfo& field) {
    return std::ranges::count(reserved, field.number, &Reserved::number) == 0 &&
           std::ranges::count(reserved, field.name, &Reserved::name) == 0;
  });
}

consteval bool subjects_exist(std::span<const FieldInfo> fields) {
  return std::ranges::all_of(fields, [&](const FieldInfo& field) {
    const std::string_view subject = field.attributes.subject;
    return subject.empty() || std::ranges::count(fields, subject, &FieldInfo::name) == 1;
  });
}

// Not at compile time: the std::string of libstdc++ 12 cannot be made there.
template <Described T>
bool defaults_are_zero() {
  const T sample{};
  const ByteView object = std::as_bytes(std::span<const T, 1>(&sample, 1));
  return std::ranges::all_of(
      kFields<T>, [&](const FieldInfo& field) { return is_default(field, field.member(object)); });
}

template <Described T>
consteval StructInfo make_info() {
  static_assert(kFields<T>.size() <= kMostFields, "a struct has at most 128 fields");
  static_assert(numbers_ascend(kFields<T>),
                "fields stand in the order of their numbers, each once");
  static_assert(names_differ(kFields<T>), "two fields have one name");
  static_assert(!kDescription<T>.name.starts_with("keel.") || names_are_snake_case(kFields<T>),
                "a field's name is lower_snake_case");
  static_assert(reserved_stay_reserved(kFields<T>, kReserved<T>),
                "a field has a reserved number or name");
  static_assert(subjects_exist(kFields<T>), "personal(x): x is a field of the same struct");
  return {kDescription<T>.name, kDescription<T>.doc, sizeof(T),
          kFields<T>,           kReserved<T>,        &defaults_are_zero<T>};
}

template <Described T>
inline constexpr StructInfo kStructInfo = make_info<T>();

}  // namespace keel::detail

namespace keel {

template <Described T>
constexpr const StructInfo& info() {
  return detail::kStructInfo<T>;
}

}  // namespace keel
