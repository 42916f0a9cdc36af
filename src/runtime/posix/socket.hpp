// Sockets by plain system calls: how the real worlds make, bind and name them. All are
// non-blocking, close-on-exec and without Nagle's delay.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "runtime/ports.hpp"
#include "runtime/posix/descriptor.hpp"

namespace keel::runtime {

// An address of either family; `any.sa_family` says which. The members begin alike, and may all be
// asked for that.
struct SocketAddress {
  union {
    sockaddr_storage storage{};
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = sizeof(sockaddr_storage);
};

// A numeric address; `otherwise` (kConnectFailed, kListenFailed) when it is not one.
Result<SocketAddress> to_address(const Endpoint& endpoint, const ErrorKind& otherwise);
// "127.0.0.1:50312", "[::1]:80"
std::string to_text(const SocketAddress& address);

struct ListeningSocket {
  Descriptor descriptor;
  std::uint16_t port = 0;
};
Result<ListeningSocket> make_listening_socket(const Endpoint& at, int backlog);
// An unconnected stream socket for the address.
Result<Descriptor> make_stream_socket(const SocketAddress& to);
// The other end of a connected socket; empty when it is gone already.
std::string peer_of(const Descriptor& connected);

}  // namespace keel::runtime
