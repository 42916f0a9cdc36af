// From the number of a command's or a query's type to its described struct, for modules that speak
// in described structs (base/describe):
//
//   using Commands = kernel::Types<StartSession, StopSession>;
//   constexpr auto kCommands = kernel::types_of(Commands{});     // for Module::info()
//   return kernel::dispatch(command, Commands{}, kUnknownType,
//                           [&](const auto& asked) { return decide(d, asked); });
//
// The work of a type that stands in no list is refused: `unknown` with the number. A payload that
// is no such struct is refused with the decoder's error. Pure. Thread: any.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/describe/wire.hpp"
#include "kernel/command.hpp"
#include "kernel/module.hpp"

namespace keel::kernel {

// Structs with a kType.
template <typename... T>
struct Types {};

template <typename... T>
constexpr auto types_of(Types<T...>) {
  return std::array{T::kType...};
}

// Of a described struct with kEventType and kSchemaVersion.
template <typename E>
constexpr EventSchema event_schema(std::string_view name) {
  return {E::kEventType, E::kSchemaVersion, name};
}

// What `work` makes of the decoded payload of a Command or a Query.
template <typename Asked, typename First, typename... Rest, typename Work>
auto dispatch(const Asked& asked, Types<First, Rest...>, const ErrorKind& unknown, Work work)
    -> std::invoke_result_t<Work&, const First&> {
  std::optional<std::invoke_result_t<Work&, const First&>> result;
  const auto look = [&]<typename T>(std::type_identity<T>) {
    if (asked.type != T::kType) return false;
    const auto decoded = decode<T>(asked.payload);
    if (decoded.ok()) {
      result.emplace(work(*decoded));
    } else {
      result.emplace(decoded.error());
    }
    return true;
  };
  if (look(std::type_identity<First>{}) || (look(std::type_identity<Rest>{}) || ...))
    return std::move(*result);
  return Error(unknown, "type " + std::to_string(asked.type.value()));
}

// The same for queries: `look_up` makes the answer, which is encoded into the reply.
template <typename... T, typename LookUp>
Result<> answer_described(const Query& query, Types<T...> types, const ErrorKind& unknown,
                          Bytes& reply, LookUp look_up) {
  return dispatch(query, types, unknown, [&](const auto& asked) -> Result<> {
    encode(look_up(asked), reply);
    return success();
  });
}

}  // namespace keel::kernel
