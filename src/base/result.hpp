// Result<T>: a value or an Error. [[nodiscard]], because an ignored error is a bug; the monadic
// operations that libstdc++ 12 lacks on std::expected are here; KEEL_TRY propagates.
//
//   Result<Account> find(AccountId id);
//   Result<Money> balance(AccountId id) {
//     Account account = KEEL_TRY(find(id));
//     return account.balance();
//   }
#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"
#include "base/error.hpp"

namespace keel {

template <typename T = void>
class [[nodiscard]] Result {
  using Stored = std::expected<T, Error>;

 public:
  using value_type = T;

  Result()
    requires std::is_default_constructible_v<T> || std::is_void_v<T>
  = default;
  Result(Error error) : stored_(std::unexpected(std::move(error))) {}
  Result(const ErrorKind& kind) : stored_(std::unexpected(Error(kind))) {}
  template <typename U = T>
    requires(!std::is_void_v<T> && std::is_constructible_v<T, U &&> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, ErrorKind>)
  Result(U&& value) : stored_(std::forward<U>(value)) {}

  explicit operator bool() const noexcept { return stored_.has_value(); }
  bool ok() const noexcept { return stored_.has_value(); }

  // The value. Asking an error for its value is a programmer's error and stops the process.
  template <typename Self>
  decltype(auto) value(this Self&& self) {
    KEEL_ASSERT(self.stored_.has_value());
    if constexpr (!std::is_void_v<T>) return (*std::forward<Self>(self).stored_);
  }
  template <typename Self>
    requires(!std::is_void_v<T>)
  decltype(auto) operator*(this Self&& self) {
    return std::forward<Self>(self).value();
  }
  template <typename Self>
    requires(!std::is_void_v<T>)
  auto* operator->(this Self&& self) {
    KEEL_ASSERT(self.stored_.has_value());
    return &*self.stored_;
  }

  template <typename Self>
  decltype(auto) error(this Self&& self) {
    KEEL_ASSERT(!self.stored_.has_value());
    return std::forward<Self>(self).stored_.error();
  }

  template <typename U>
    requires(!std::is_void_v<T>)
  T value_or(U&& fallback) && {
    return std::move(stored_).value_or(std::forward<U>(fallback));
  }

  // Calls `next` (T -> Result<U>) on the value; hands an error through.
  template <typename F>
  auto and_then(F&& next) && {
    if constexpr (std::is_void_v<T>) {
      using Next = std::remove_cvref_t<std::invoke_result_t<F>>;
      return stored_ ? std::forward<F>(next)() : Next(std::move(stored_).error());
    } else {
      using Next = std::remove_cvref_t<std::invoke_result_t<F, T&&>>;
      return stored_ ? std::forward<F>(next)(*std::move(stored_))
                     : Next(std::move(stored_).error());
    }
  }

  // Calls `map` (T -> U) on the value; hands an error through.
  template <typename F>
    requires(!std::is_void_v<T>)
  auto transform(F&& map) && {
    using Mapped = Result<std::remove_cvref_t<std::invoke_result_t<F, T&&>>>;
    return stored_ ? Mapped(std::forward<F>(map)(*std::move(stored_)))
                   : Mapped(std::move(stored_).error());
  }

 private:
  Stored stored_;
};

inline Result<> success() {
  return {};
}

}  // namespace keel

// Evaluates to the value of a Result, or returns its error from the enclosing function.
#define KEEL_TRY(expression)                                                             \
  ({                                                                                     \
    auto keel_try_result = (expression);                                                 \
    if (!keel_try_result.ok()) return ::keel::Error(std::move(keel_try_result).error()); \
    std::move(keel_try_result).value();                                                  \
  })

// The same inside a coroutine.
#define KEEL_CO_TRY(expression)                                                             \
  ({                                                                                        \
    auto keel_try_result = (expression);                                                    \
    if (!keel_try_result.ok()) co_return ::keel::Error(std::move(keel_try_result).error()); \
    std::move(keel_try_result).value();                                                     \
  })
