// StrongId: an integer that cannot be mistaken for another. Two ids of different tags do not
// compare, convert or add.
#pragma once

#include <compare>
#include <cstdint>

namespace keel {

using uint128 = unsigned __int128;
using int128 = __int128;

template <typename Tag, typename Representation>
class StrongId {
 public:
  using representation = Representation;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Representation value) : value_(value) {}

  constexpr Representation value() const noexcept { return value_; }
  constexpr bool is_zero() const noexcept { return value_ == 0; }

  friend constexpr bool operator==(StrongId, StrongId) = default;
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Representation value_ = 0;
};

}  // namespace keel
