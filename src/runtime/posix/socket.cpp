#include "runtime/posix/socket.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/errors.hpp"
#include "runtime/posix/os_error.hpp"

namespace keel::runtime {
namespace {

void switch_on(const Descriptor& socket, int level, int option) {
  const int on = 1;
  static_cast<void>(::setsockopt(socket.number(), level, option, &on, sizeof(on)));
}

std::string name_of(const Endpoint& endpoint) {
  return endpoint.address + " port " + std::to_string(endpoint.port);
}

std::uint16_t port_of(const SocketAddress& address) {
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

}  // namespace

Result<SocketAddress> to_address(const Endpoint& endpoint, const ErrorKind& otherwise) {
  SocketAddress address;
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, endpoint.address.c_str(), &v4) == 1) {
    address.v4 = {
        .sin_family = AF_INET, .sin_port = htons(endpoint.port), .sin_addr = v4, .sin_zero = {}};
    address.size = sizeof(sockaddr_in);
    return address;
  }
  if (::inet_pton(AF_INET6, endpoint.address.c_str(), &v6) == 1) {
    address.v6 = {.sin6_family = AF_INET6,
                  .sin6_port = htons(endpoint.port),
                  .sin6_flowinfo = 0,
                  .sin6_addr = v6,
                  .sin6_scope_id = 0};
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return Error(otherwise, "'" + endpoint.address + "' is not a numeric IPv4 or IPv6 address");
}

std::string to_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.any.sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &address.v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(port_of(address));
  }
  if (address.any.sa_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &address.v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(port_of(address));
  }
  return {};
}

Result<Descriptor> make_stream_socket(const SocketAddress& to) {
  Descriptor socket(::socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return socket_error(errno, kConnectFailed, "make a socket");
  switch_on(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

Result<ListeningSocket> make_listening_socket(const Endpoint& at, int backlog) {
  SocketAddress address = KEEL_TRY(to_address(at, kListenFailed));
  // What is accepted inherits the option from here.
  ListeningSocket listening{.descriptor = KEEL_TRY(make_stream_socket(address)), .port = 0};
  const Descriptor& socket = listening.descriptor;
  switch_on(socket, SOL_SOCKET, SO_REUSEADDR);
  if (::bind(socket.number(), &address.any, address.size) != 0 ||
      ::listen(socket.number(), backlog) != 0) {
    return socket_error(errno, errno == EADDRINUSE ? kAddressInUse : kListenFailed,
                        "listen on " + name_of(at));
  }
  address.size = sizeof(sockaddr_storage);
  if (::getsockname(socket.number(), &address.any, &address.size) != 0) {
    return socket_error(errno, kListenFailed, "listen on " + name_of(at));
  }
  listening.port = port_of(address);
  return listening;
}

std::string peer_of(const Descriptor& connected) {
  SocketAddress address;
  if (::getpeername(connected.number(), &address.any, &address.size) != 0) {
    return {};
  }
  return to_text(address);
}

}  // namespace keel::runtime
