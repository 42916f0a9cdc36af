#include "runtime/posix/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
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
  if (address.storage.ss_family == AF_INET6) {
    // unsafe: sockaddr_storage holds the type that its family names
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
  }
  // unsafe: sockaddr_storage holds the type that its family names
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
}

}  // namespace

Result<SocketAddress> to_address(const Endpoint& endpoint, const ErrorKind& otherwise) {
  SocketAddress address;
  // unsafe: sockaddr_storage has room and alignment for every family
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (::inet_pton(AF_INET, endpoint.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  // unsafe: sockaddr_storage has room and alignment for every family
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET6, endpoint.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return Error(otherwise, "'" + endpoint.address + "' is not a numeric IPv4 or IPv6 address");
}

std::string to_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.storage.ss_family == AF_INET) {
    // unsafe: sockaddr_storage holds the type that its family names
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(port_of(address));
  }
  if (address.storage.ss_family == AF_INET6) {
    // unsafe: sockaddr_storage holds the type that its family names
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(port_of(address));
  }
  return {};
}

Result<Descriptor> make_stream_socket(const SocketAddress& to) {
  Descriptor socket(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
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
  if (::bind(socket.number(), address.get(), address.size) != 0 ||
      ::listen(socket.number(), backlog) != 0) {
    return socket_error(errno, kListenFailed, "listen on " + name_of(at));
  }
  address.size = sizeof(address.storage);
  // unsafe: the interface of sockets takes every family by its first member
  if (::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address.storage),
                    &address.size) != 0) {
    return socket_error(errno, kListenFailed, "listen on " + name_of(at));
  }
  listening.port = port_of(address);
  return listening;
}

std::string peer_of(const Descriptor& connected) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  // unsafe: the interface of sockets takes every family by its first member
  if (::getpeername(connected.number(), reinterpret_cast<sockaddr*>(&address.storage),
                    &address.size) != 0) {
    return {};
  }
  return to_text(address);
}

}  // namespace keel::runtime
