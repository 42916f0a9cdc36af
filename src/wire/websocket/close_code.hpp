// Why a WebSocket connection ends (RFC 6455, section 7.4).
#pragma once

#include <cstdint>

#include "base/error.hpp"

namespace keel::websocket {

enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  none = 1005,  // the peer gave no reason; never sent
  bad_data = 1007,
  policy_violation = 1008,
  too_big = 1009,
  missing_extension = 1010,
  internal_error = 1011,
  restart = 1012,
  try_again_later = 1013,
};

// Whether a Close frame may carry it: the codes of the RFC and its registry, and 3000 to 4999.
constexpr bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

// With which code an error of errors.hpp ends the connection.
CloseCode close_code(const ErrorKind& kind) noexcept;

}  // namespace keel::websocket
