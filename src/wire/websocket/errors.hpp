// Kinds of error of wire/websocket (286-299).
#pragma once

#include "base/error.hpp"

namespace keel::websocket {

// The opening handshake; a server answers with refusal_status() (handshake.hpp).
inline constexpr ErrorKind kNotAnOpening{286, "websocket.not_an_opening", ErrorClass::invalid};
inline constexpr ErrorKind kUnsupportedVersion{287, "websocket.unsupported_version",
                                               ErrorClass::invalid};
inline constexpr ErrorKind kBadKey{288, "websocket.bad_key", ErrorClass::invalid};
inline constexpr ErrorKind kBadProtocols{289, "websocket.bad_protocols", ErrorClass::invalid};
inline constexpr ErrorKind kNotAccepted{295, "websocket.not_accepted", ErrorClass::unavailable};

// Frames; each stands for a close code (close_code.hpp).
inline constexpr ErrorKind kBadFrame{290, "websocket.bad_frame", ErrorClass::invalid};
inline constexpr ErrorKind kBadText{291, "websocket.bad_text", ErrorClass::invalid};
inline constexpr ErrorKind kTooLarge{292, "websocket.too_large", ErrorClass::invalid};
inline constexpr ErrorKind kTooManyControls{293, "websocket.too_many_controls",
                                            ErrorClass::overload};
inline constexpr ErrorKind kBadCompression{294, "websocket.bad_compression", ErrorClass::invalid};

}  // namespace keel::websocket
