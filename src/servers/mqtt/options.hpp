// Bounds of the MQTT server, and what it has counted.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/ports.hpp"
#include "servers/mqtt/broker/options.hpp"

namespace keel::broker {

struct ServerOptions {
  runtime::Endpoint endpoint;
  int backlog = 1'024;
  std::uint32_t max_connections = 100'000;           // one more is closed
  std::uint32_t max_unauthenticated = 1'000;         // of them, before CONNACK; one more is closed
  Duration connect_timeout = Duration::seconds(10);  // from accept to CONNACK
  Duration send_timeout = Duration::seconds(30);     // a client that does not read is cut
  Duration linger_time = Duration::seconds(1);       // for an orderly end
  Duration drain_timeout = Duration::seconds(5);     // after stop(): then connections are cut
  // The greatest keep-alive that a client of version 5 may have, and what one that asks for none
  // gets. 0: as the client says.
  std::uint16_t most_keep_alive_s = 0;
  // A session that asks for more gets this, and in version 5 is told so.
  std::uint32_t most_session_expiry_s = mqtt::kNeverExpires;
  BrokerOptions broker;
};

// Counters since the start. `ended` counts connections by why they ended.
struct ServerStats {
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections = 0;  // over a bound
  std::uint64_t open = 0;                 // now
  std::uint64_t unauthenticated = 0;      // now, of them
  std::uint64_t connected = 0;            // CONNACK with success
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  struct Ended {
    std::uint64_t by_client = 0;        // DISCONNECT, or the end of its stream
    std::uint64_t connect_timeout = 0;  // no CONNECT in time
    std::uint64_t keep_alive = 0;       // silent for too long
    std::uint64_t slow = 0;             // did not read in time
    std::uint64_t bad_login = 0;        // user name or password
    std::uint64_t refused = 0;          // CONNECT for another cause
    std::uint64_t protocol_error = 0;   // malformed, or not allowed here
    std::uint64_t taken_over = 0;       // its client id came again
    std::uint64_t by_server = 0;        // a stop, or an administrator
  } ended;
};

}  // namespace keel::broker
