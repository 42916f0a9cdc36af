// What a packet may weigh. Everything that a peer can send is bounded by one of these; reaching a
// bound is fine, one more is an error that closes the connection.
#pragma once

#include <cstddef>

#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {

struct Limits {
  // A whole packet with its fixed header; before the client is authenticated, and after.   0x95
  std::size_t first_packet_bytes = 16 * 1'024;
  std::size_t packet_bytes = 1'024 * 1'024;
  TopicLimits topic;                // names and filters                            0x90, 0x8f
  std::size_t property_count = 64;  // of a packet; a will has its own              0x97
  std::size_t user_property_bytes = 8'192;  // names and values of a packet together        0x97
  std::size_t filter_count = 256;           // of one SUBSCRIBE or UNSUBSCRIBE              0x97
};

}  // namespace keel::mqtt
