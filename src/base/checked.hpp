// Integer arithmetic that says when it does not fit. Money, sizes and offsets use nothing else.
#pragma once

#include <concepts>
#include <optional>

#include "base/strong_id.hpp"

namespace keel {

template <typename T>
[[nodiscard]] constexpr std::optional<T> checked_add(T left, T right) {
  T sum;
  if (__builtin_add_overflow(left, right, &sum)) return std::nullopt;
  return sum;
}

template <typename T>
[[nodiscard]] constexpr std::optional<T> checked_sub(T left, T right) {
  T difference;
  if (__builtin_sub_overflow(left, right, &difference)) return std::nullopt;
  return difference;
}

template <typename T>
[[nodiscard]] constexpr std::optional<T> checked_mul(T left, T right) {
  T product;
  if (__builtin_mul_overflow(left, right, &product)) return std::nullopt;
  return product;
}

// Converts between integer types when the value fits.
template <typename To, typename From>
[[nodiscard]] constexpr std::optional<To> checked_cast(From value) {
  To converted;
  if (__builtin_add_overflow(value, From{0}, &converted)) return std::nullopt;
  return converted;
}

// The smallest multiple of `unit` (a power of two) that is not below `value`.
template <typename T>
[[nodiscard]] constexpr T round_up(T value, T unit) {
  return (value + unit - 1) & ~(unit - 1);
}

}  // namespace keel
