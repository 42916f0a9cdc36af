// SHA-1 (FIPS 180-4), which RFC 6455 section 4.2.2 asks for in the opening handshake. It protects
// nothing there and must protect nothing anywhere.
#pragma once

#include <array>

#include "base/bytes.hpp"

namespace keel::websocket {

std::array<std::byte, 20> sha1(ByteView message);

}  // namespace keel::websocket
