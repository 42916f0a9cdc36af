// Flags<E>: a set of the enumerators of E, each of which is one bit.
//
//   enum class AccountFlag : std::uint16_t { linked = 1, history = 8 };
//   Flags<AccountFlag> flags = AccountFlag::linked;
//   if (flags.has(AccountFlag::history)) ...
#pragma once

#include <type_traits>

namespace keel {

template <typename E>
  requires(std::is_enum_v<E> && std::is_unsigned_v<std::underlying_type_t<E>>)
class Flags {
 public:
  using enumeration = E;
  using representation = std::underlying_type_t<E>;

  constexpr Flags() = default;
  constexpr Flags(E flag) : bits_(static_cast<representation>(flag)) {}
  constexpr static Flags from_bits(representation bits) {
    Flags flags;
    flags.bits_ = bits;
    return flags;
  }

  constexpr representation bits() const noexcept { return bits_; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr bool has(E flag) const noexcept {
    return (bits_ & static_cast<representation>(flag)) != 0;
  }

  constexpr Flags& operator|=(Flags other) {
    bits_ = static_cast<representation>(bits_ | other.bits_);
    return *this;
  }
  friend constexpr Flags operator|(Flags left, Flags right) { return left |= right; }
  friend constexpr bool operator==(Flags, Flags) = default;

 private:
  representation bits_ = 0;
};

}  // namespace keel
