// CPU of a server's thread for a 64-byte echo: see README.md.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <thread>

#include "bench.hpp"
#include "runtime/errors.hpp"
#include "runtime/posix/socket.hpp"

namespace keel::runtime::bench {
namespace {

constexpr int kRounds = 7;
constexpr int kConnections = 16;
constexpr int kMessages = 32'000;  // of all connections, a round
constexpr std::size_t kMessageBytes = 64;

// The client: blocking sockets, one message under way on each. Returns the round's wall time.
double drive(std::uint16_t port) {
  const SocketAddress address = to_address({.port = port}, kConnectFailed).value();
  std::vector<Descriptor> sockets;
  for (int i = 0; i < kConnections; ++i) {
    sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    KEEL_ASSERT(::connect(sockets.back().number(), &address.any, address.size) == 0);
  }
  std::array<std::byte, kMessageBytes> message{};
  const double began = wall_us();
  for (int sent = 0; sent < kMessages; sent += kConnections) {
    for (const Descriptor& socket : sockets) {
      KEEL_ASSERT(::send(socket.number(), message.data(), message.size(), 0) == kMessageBytes);
    }
    for (const Descriptor& socket : sockets) {
      KEEL_ASSERT(::recv(socket.number(), message.data(), message.size(), MSG_WAITALL) ==
                  kMessageBytes);
    }
  }
  return wall_us() - began;
}

struct Round {
  std::uint16_t port = 0;
  std::atomic<bool> listening = false;
  double server_cpu_us = 0;
};

Task<> echo(std::unique_ptr<Connection> connection) {
  for (;;) {
    const Received received = (co_await connection->receive({})).value();
    if (received.end_of_stream()) co_return;
    const std::array parts{received.bytes()};
    KEEL_ASSERT((co_await connection->send(parts, {})).ok());
  }
}

Task<> serve(Core& core, Cancellation&, Round* round, World* world) {
  const auto listener = (co_await core.network().listen({}, 64)).value();
  round->port = listener->port();
  round->listening.store(true);
  Scope scope(core);
  for (int i = 0; i < kConnections; ++i) scope.spawn(echo, (co_await listener->accept({})).value());
  const double began = cpu_us();
  co_await scope.join();
  round->server_cpu_us = cpu_us() - began;
  world->stop();
}

double round_of_world(WorldKind kind) {
  Round round;
  const auto world = world_of(kind, 1);
  world->run(0, serve, &round, world.get());
  while (!round.listening) std::this_thread::yield();
  drive(round.port);
  world->join();
  return round.server_cpu_us / kMessages;
}

void serve_by_epoll(Round* round) {
  const ListeningSocket listening = make_listening_socket({}, 64).value();
  const Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  round->port = listening.port;
  round->listening.store(true);
  // The listening socket is made non-blocking with all others; here it is waited for in epoll too.
  epoll_event wanted{.events = EPOLLIN, .data = {.fd = listening.descriptor.number()}};
  ::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, listening.descriptor.number(), &wanted);
  std::array<std::byte, 16 * 1024> buffer;
  std::array<epoll_event, 256> events;
  int accepted = 0;
  int closed = 0;
  double began = 0;
  while (closed < kConnections) {
    const int count = ::epoll_wait(epoll.number(), events.data(), 256, -1);
    for (int i = 0; i < count; ++i) {
      const int number = events[static_cast<std::size_t>(i)].data.fd;
      if (number == listening.descriptor.number()) {
        const int connection = ::accept4(number, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        epoll_event readable{.events = EPOLLIN, .data = {.fd = connection}};
        ::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, connection, &readable);
        if (++accepted == kConnections) began = cpu_us();
        continue;
      }
      const ssize_t got = ::recv(number, buffer.data(), buffer.size(), 0);
      if (got > 0) {
        KEEL_ASSERT(::send(number, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) ==
                    got);
      } else if (got == 0) {
        ::close(number);
        ++closed;
      }
    }
  }
  round->server_cpu_us = cpu_us() - began;
}

double round_of_epoll() {
  Round round;
  std::thread server(serve_by_epoll, &round);
  while (!round.listening) std::this_thread::yield();
  drive(round.port);
  server.join();
  return round.server_cpu_us / kMessages;
}

}  // namespace

void run_echo() {
  std::vector<double> uring;
  std::vector<double> pool;
  std::vector<double> epoll;
  for (int round = 0; round < kRounds; ++round) {
    uring.push_back(round_of_world(WorldKind::uring));
    pool.push_back(round_of_world(WorldKind::pool));
    epoll.push_back(round_of_epoll());
  }
  std::printf(
      "echo of 64 bytes, CPU-us a message of the server's thread: io_uring %.2f, pool %.2f, "
      "plain epoll %.2f\n",
      median(uring), median(pool), median(epoll));
}

}  // namespace keel::runtime::bench
