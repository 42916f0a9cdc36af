#include "runtime/pool/pool_network.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "runtime/errors.hpp"
#include "runtime/pool/pool_core.hpp"
#include "runtime/posix/os_error.hpp"
#include "runtime/posix/send_cursor.hpp"
#include "runtime/posix/socket.hpp"

namespace keel::runtime {
namespace {

// A peer that never pauses must not keep this core from its other work.
constexpr std::uint32_t kReceivesBeforeYield = 16;

class PoolConnection final : public Connection {
 public:
  PoolConnection(PoolCore& core, Descriptor socket, std::string peer)
      : core_(core), socket_(core, std::move(socket)), peer_(std::move(peer)) {}

  PolledSocket& socket() noexcept { return socket_; }

  Task<Result<Received>> receive(Wait wait) override;
  Task<Result<>> send(std::span<const ByteView> parts, Wait wait) override;
  Task<Result<>> finish_sending(Wait) override {
    ::shutdown(socket_.descriptor.number(), SHUT_WR);
    co_return success();
  }
  void cut() noexcept override;
  const std::string& peer() const noexcept override { return peer_; }

 private:
  Task<Result<Received>> receive_some(Wait wait);

  PoolCore& core_;
  PolledSocket socket_;
  const std::string peer_;
  std::uint32_t receives_ = 0;
  bool receiving_ = false;
  bool sending_ = false;
  bool cut_ = false;
};

Task<Result<Received>> PoolConnection::receive(Wait wait) {
  KEEL_ASSERT(!std::exchange(receiving_, true));  // one task receives at a time
  if (++receives_ % kReceivesBeforeYield == 0) co_await core_.yield();
  Result<Received> received = co_await receive_some(wait);
  receiving_ = false;
  co_return received;
}

Task<Result<Received>> PoolConnection::receive_some(Wait wait) {
  PoolBuffers& buffers = core_.buffers();
  for (;;) {
    if (cut_) {
      buffers.pass_on();
      co_return kConnectionLost;
    }
    if (buffers.empty()) {
      ++core_.stats().buffers_empty;
      KEEL_CO_TRY(co_await buffers.waiting().wait(wait));
      continue;
    }
    const std::uint32_t buffer = buffers.take();
    const ByteSpan bytes = buffers.bytes(buffer);
    ++core_.stats().system_calls;
    const ssize_t got = ::recv(socket_.descriptor.number(), bytes.data(), bytes.size(), 0);
    const int error_number = errno;
    if (got > 0) {
      ++core_.stats().received;
      co_return Received(bytes.first(static_cast<std::size_t>(got)), &buffers, buffer);
    }
    buffers.give_back(buffer);
    if (got == 0) co_return Received();
    if (error_number == EINTR) continue;
    if (error_number != EAGAIN) co_return connection_error(error_number);
    KEEL_CO_TRY(co_await socket_.readable.wait(wait));
  }
}

Task<Result<>> PoolConnection::send(std::span<const ByteView> parts, Wait wait) {
  KEEL_ASSERT(!std::exchange(sending_, true));  // one task sends at a time
  SendCursor cursor(parts);
  Result<> outcome;
  while (outcome.ok() && !cursor.done()) {
    if (cut_) {
      outcome = kConnectionLost;
      break;
    }
    const std::span<iovec> vectors = cursor.next();
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    ++core_.stats().system_calls;
    const ssize_t sent = ::sendmsg(socket_.descriptor.number(), &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      cursor.advance(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      outcome = co_await socket_.writable.wait(wait);
    } else if (errno != EINTR) {
      outcome = connection_error(errno);
    }
  }
  sending_ = false;
  co_return outcome;
}

void PoolConnection::cut() noexcept {
  if (std::exchange(cut_, true)) return;
  ::shutdown(socket_.descriptor.number(), SHUT_RDWR);
  socket_.readable.wake_all();
  socket_.writable.wake_all();
  core_.buffers().waiting().wake_all();  // this connection's may be among them; the rest look again
}

class PoolListener final : public Listener {
 public:
  PoolListener(PoolCore& core, ListeningSocket listening)
      : core_(core), socket_(core, std::move(listening.descriptor)), port_(listening.port) {}

  PolledSocket& socket() noexcept { return socket_; }
  Task<Result<std::unique_ptr<Connection>>> accept(Wait wait) override;
  std::uint16_t port() const noexcept override { return port_; }

 private:
  PoolCore& core_;
  PolledSocket socket_;
  const std::uint16_t port_;
};

Task<Result<std::unique_ptr<Connection>>> PoolListener::accept(Wait wait) {
  for (;;) {
    ++core_.stats().system_calls;
    Descriptor accepted(
        ::accept4(socket_.descriptor.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (accepted.valid()) {
      ++core_.stats().received;
      std::string peer = peer_of(accepted);
      auto connection =
          std::make_unique<PoolConnection>(core_, std::move(accepted), std::move(peer));
      KEEL_CO_TRY(core_.watch(connection->socket()));
      co_return std::move(connection);
    }
    const int error_number = errno;
    if (error_number == EINTR || error_number == ECONNABORTED) continue;
    if (error_number != EAGAIN) co_return socket_error(error_number, kListenFailed, "accept");
    KEEL_CO_TRY(co_await socket_.readable.wait(wait));
  }
}

int pending_error(const Descriptor& socket) {
  int error_number = 0;
  socklen_t size = sizeof(error_number);
  static_cast<void>(::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error_number, &size));
  return error_number;
}

}  // namespace

Task<Result<std::unique_ptr<Listener>>> PoolNetwork::listen(Endpoint at, int backlog) {
  auto listener =
      std::make_unique<PoolListener>(core_, KEEL_CO_TRY(make_listening_socket(at, backlog)));
  KEEL_CO_TRY(core_.watch(listener->socket()));
  co_return std::move(listener);
}

Task<Result<std::unique_ptr<Connection>>> PoolNetwork::connect(Endpoint to, Wait wait) {
  const SocketAddress address = KEEL_CO_TRY(to_address(to, kConnectFailed));
  auto connection = std::make_unique<PoolConnection>(
      core_, KEEL_CO_TRY(make_stream_socket(address)), to_text(address));
  const Descriptor& socket = connection->socket().descriptor;
  const bool connected = ::connect(socket.number(), &address.any, address.size) == 0;
  int error_number = connected ? 0 : errno;
  // Watched from here on and not before: epoll calls a socket that has not begun hung up.
  KEEL_CO_TRY(core_.watch(connection->socket()));
  if (error_number == EINPROGRESS) {
    KEEL_CO_TRY(co_await connection->socket().writable.wait(wait));
    error_number = pending_error(socket);
  }
  if (error_number != 0) {
    co_return socket_error(error_number, kConnectFailed,
                           "connect to " + to.address + " port " + std::to_string(to.port));
  }
  co_return std::move(connection);
}

}  // namespace keel::runtime
