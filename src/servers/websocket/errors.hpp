// Kinds of error of servers/websocket (640-644).
#pragma once

#include "base/error.hpp"

namespace keel::servers {

// The WebSocket is over, or this side has begun to close it.
inline constexpr ErrorKind kSocketClosed{640, "websocket.closed", ErrorClass::unavailable};
// The peer does not read as fast as it is sent to.
inline constexpr ErrorKind kSocketFull{641, "websocket.send_queue_full", ErrorClass::overload};
// A text where bytes were agreed on, or the other way round.
inline constexpr ErrorKind kWrongMessageKind{642, "websocket.wrong_message_kind",
                                             ErrorClass::invalid};

}  // namespace keel::servers
