// Seals and opens the personal fields of a described struct (base/describe, kernel/personal.hpp).
//
//   struct Invited {
//     SubjectId guest;
//     Bytes name;  // sealed
//     static constexpr auto description() {
//       return describe<Invited>("guests.Invited", field<1>("guest", &Invited::guest),
//                                field<2>("name", &Invited::name, personal("guest")));
//     }
//   };
//   KEEL_TRY(seal_personal(tx, kInvited, event));   // then encode and emit it
//
// A personal field is Bytes, because sealed it is no text; the field that it names is a SubjectId.
// Anything else does not compile.
#pragma once

#include "base/describe/make_info.hpp"
#include "kernel/transaction.hpp"

namespace keel::kernel {

namespace detail {

// The person whom the field of this name holds.
template <Described T>
SubjectId subject_in(const T& object, std::string_view name) {
  SubjectId subject;
  const auto look = [&]<typename Item>(const Item& item) {
    if constexpr (requires { item.member; }) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(object.*item.member)>, SubjectId>)
        if (item.name == name) subject = object.*item.member;
    }
  };
  std::apply([&](const auto&... item) { (look(item), ...); }, keel::detail::kDescription<T>.items);
  return subject;
}

template <Described T>
consteval bool personal_fields_are_bytes() {
  bool good = true;
  const auto look = [&]<typename Item>(const Item& item) {
    if constexpr (requires { item.member; }) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*item.member)>;
      if (!item.attributes.subject.empty() && !std::is_same_v<Member, Bytes>) good = false;
    }
  };
  std::apply([&](const auto&... item) { (look(item), ...); }, keel::detail::kDescription<T>.items);
  return good;
}

// Calls `change(subject, field number, Bytes&)` for every personal field until one fails.
template <Described T, typename Change>
Result<> for_each_personal(T& object, Change change) {
  static_assert(personal_fields_are_bytes<T>(), "a personal field of an event is Bytes");
  Result<> done;
  const auto look = [&]<typename Item>(const Item& item) {
    if constexpr (requires { item.member; }) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(object.*item.member)>, Bytes>) {
        if (!done.ok() || item.attributes.subject.empty()) return;
        done =
            change(subject_in(object, item.attributes.subject), item.number, object.*item.member);
      }
    }
  };
  std::apply([&](const auto&... item) { (look(item), ...); }, keel::detail::kDescription<T>.items);
  return done;
}

}  // namespace detail

// Replaces every personal value by its sealed form; see Transaction::seal for the errors.
template <Described T>
Result<> seal_personal(Transaction& tx, EventType event, T& object) {
  return detail::for_each_personal(
      object, [&](SubjectId subject, std::uint32_t field, Bytes& value) -> Result<> {
        value = KEEL_TRY(tx.seal(subject, event, field, value));
        return success();
      });
}

// Replaces every sealed form by its value; by nothing where the person has been erased, which the
// result says. `event` is the type that first carried them.
template <Described T>
Result<bool> open_personal(const SubjectVault& vault, TenantId tenant, EventType event, T& object) {
  bool erased = false;
  KEEL_TRY(detail::for_each_personal(
      object, [&](SubjectId subject, std::uint32_t field, Bytes& value) -> Result<> {
        std::optional<Bytes> opened = KEEL_TRY(
            vault.open({.subject = {tenant, subject}, .event = event, .field = field}, value));
        erased = erased || !opened.has_value();
        value = opened.has_value() ? *std::move(opened) : Bytes();
        return success();
      }));
  return erased;
}

}  // namespace keel::kernel
