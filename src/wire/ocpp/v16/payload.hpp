// Payloads of OCPP 1.6 messages: JSON objects of the described structs of this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/json/json.hpp"
#include "wire/ocpp/error_code.hpp"

namespace keel::ocpp::v16 {

inline constexpr DecodeLimits kPayloadLimits{
    .input_bytes = std::size_t{128} << 10, .depth = 8, .elements = 4'096};

template <Described T>
Result<T> read_payload(std::string_view payload) {
  return from_json<T>(payload, kPayloadLimits);
}

// Times with three digits of fraction: there are charge points that take no more.
template <Described T>
std::string write_payload(const T& message) {
  std::string text;
  JsonWriter json(text);
  json.write_milliseconds();
  to_json(message, json);
  return text;
}

// With which code a payload that could not be read is refused.
ErrorCode refusal_code(const Error& error) noexcept;

}  // namespace keel::ocpp::v16
