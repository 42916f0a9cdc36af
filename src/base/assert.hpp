// KEEL_ASSERT: a condition that only a programmer's error can break. It stays on in release: a
// process that has broken its own rules must stop before it writes something wrong. Operating
// errors (bad input, a full disk) are values of type Result and never come here.
#pragma once

#include <string_view>

namespace keel::detail {

// Prints file, line and condition to standard error and aborts. Never returns, never allocates.
[[noreturn, gnu::cold]] void assertion_failed(const char* condition, const char* file, int line,
                                              const char* function) noexcept;

}  // namespace keel::detail

#define KEEL_ASSERT(condition)        \
  (__builtin_expect(!!(condition), 1) \
       ? static_cast<void>(0)         \
       : ::keel::detail::assertion_failed(#condition, __FILE__, __LINE__, __func__))
