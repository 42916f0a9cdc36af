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

// --- enums

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

// --- members

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

// --- structs

inline constexpr std::size_t kMostFields = 128;

template <typename Item>
inline constexpr bool kIsField = !std::is_same_v<Item, Reserved>;

// Number, name and subject of each field, without the types.
struct Outline {
  std::array<FieldInfo, kMostFields> fields{};
  std::size_t count = 0;
  std::array<Reserved, kMostFields> reserved{};
  std::size_t reserved_count = 0;
};

template <typename D>
consteval Outline outline(const D& description) {
  Outline made;
  const auto place = [&](const auto& item) {
    if constexpr (kIsField<std::remove_cvref_t<decltype(item)>>) {
      FieldInfo& field = made.fields[made.count++];
      field.number = item.number;
      field.name = item.name;
      field.attributes = item.attributes;
    } else {
      made.reserved[made.reserved_count++] = item;
    }
  };
  std::apply([&](const auto&... item) { (place(item), ...); }, description.items);
  return made;
}

consteval bool numbers_ascend(const Outline& all) {
  for (std::size_t i = 1; i < all.count; ++i) {
    if (all.fields[i].number <= all.fields[i - 1].number) return false;
  }
  return true;
}

consteval bool names_differ(const Outline& all) {
  for (std::size_t i = 0; i < all.count; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (all.fields[i].name == all.fields[k].name) return false;
    }
  }
  return true;
}

consteval bool reserved_stay_reserved(const Outline& all) {
  for (std::size_t i = 0; i < all.count; ++i) {
    for (std::size_t k = 0; k < all.reserved_count; ++k) {
      if (all.fields[i].number == all.reserved[k].number) return false;
      if (all.fields[i].name == all.reserved[k].name) return false;
    }
  }
  return true;
}

consteval bool is_snake_case(std::string_view name) {
  if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
  for (char letter : name) {
    const bool legal =
        (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
    if (!legal) return false;
  }
  return true;
}

consteval bool names_are_snake_case(const Outline& all) {
  for (std::size_t i = 0; i < all.count; ++i) {
    if (!is_snake_case(all.fields[i].name)) return false;
  }
  return true;
}

consteval bool subjects_exist(const Outline& all) {
  for (std::size_t i = 0; i < all.count; ++i) {
    const std::string_view subject = all.fields[i].attributes.subject;
    bool found = subject.empty();
    for (std::size_t k = 0; k < all.count; ++k) found = found || all.fields[k].name == subject;
    if (!found) return false;
  }
  return true;
}

// Stops the process where a default-constructed struct holds anything but zeros.
void check_defaults(const StructInfo& info, ByteView sample);

// The table of one struct, filled at first use.
template <Described T>
class StructTable {
  static constexpr auto kDescription = T::description();
  static constexpr Outline kOutline = outline(kDescription);
  static_assert(numbers_ascend(kOutline), "fields stand in the order of their numbers, each once");
  static_assert(names_differ(kOutline), "two fields have one name");
  static_assert(reserved_stay_reserved(kOutline), "a field has a reserved number or name");
  static_assert(names_are_snake_case(kOutline), "a field's name is lower_snake_case");
  static_assert(subjects_exist(kOutline), "personal(x): x is a field of the same struct");

 public:
  StructTable() {
    const T sample{};
    std::size_t next = 0;
    const auto place = [&]<typename Item>(const Item& item) {
      if constexpr (kIsField<Item>) fill(fields_[next++], item, sample);
    };
    std::apply([&](const auto&... item) { (place(item), ...); }, kDescription.items);
    for (std::size_t i = 0; i < reserved_.size(); ++i) reserved_[i] = kOutline.reserved[i];
    info_ = {kDescription.name, kDescription.doc, sizeof(T), fields_, reserved_};
    check_defaults(info_, std::as_bytes(std::span<const T, 1>(&sample, 1)));
  }

  const StructInfo& info() const { return info_; }

 private:
  template <typename Member>
  static void fill(FieldInfo& field, const FieldDescription<T, Member>& item, const T& sample) {
    static constexpr MemberType kType = member_type<Member>();
    const auto start = std::bit_cast<std::uintptr_t>(&sample);
    const auto member = std::bit_cast<std::uintptr_t>(&(sample.*item.member));
    field = {item.number, static_cast<std::uint32_t>(member - start), item.name, kType,
             item.attributes};
  }

  std::array<FieldInfo, kOutline.count> fields_{};
  std::array<Reserved, kOutline.reserved_count> reserved_{};
  StructInfo info_;
};

}  // namespace keel::detail

namespace keel {

template <Described T>
const StructInfo& info() {
  static const detail::StructTable<T> table;
  return table.info();
}

}  // namespace keel
