// Ids of the commands that messages of stations become: the first 128 bits of a SHA-256.
//
// What a station keeps while it is offline and says again (a start, a stop, readings, a status with
// its time) is known by what it says: told twice, over any connection and under any message id, it
// is one command. What has no time of its own is a command each time it is heard.
#pragma once

#include <array>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "kernel/types.hpp"

namespace keel::servers {

// Names what one connection says; random.
using ConnectionNonce = std::array<std::byte, 16>;

CommandId key_of_content(std::string_view station, kernel::CommandType type, ByteView payload);
CommandId key_of_occasion(std::string_view station, kernel::CommandType type,
                          const ConnectionNonce& connection, std::uint64_t number);

}  // namespace keel::servers
