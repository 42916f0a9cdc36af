#include "runtime/uring/uring_network.hpp"

#include <deque>

#include "runtime/errors.hpp"
#include "runtime/posix/os_error.hpp"
#include "runtime/posix/socket.hpp"
#include "runtime/uring/call.hpp"
#include "runtime/uring/standing.hpp"
#include "runtime/uring/uring_connection.hpp"

namespace keel::runtime {
namespace {

// The kernel takes a ring apart after its process has ended, killed or not, and only then closes
// the socket that its standing accept holds: who starts again at once finds the port in use.
constexpr Duration kPredecessorCloses = Duration::seconds(3);
constexpr Duration kTryAgain = Duration::milliseconds(10);

// The standing accept, and the connections that nobody has asked for yet. Owned as UringInbound is.
class UringAcceptor final : public Standing {
 public:
  UringAcceptor(UringCore& core, Descriptor socket) noexcept
      : Standing(core, std::move(socket)), arrived_(core) {}

  Task<Result<std::unique_ptr<Connection>>> accept(Wait wait);

 private:
  // Beyond about this many the kernel's backlog holds them, and then refuses.
  static constexpr std::size_t kMostQueued = 128;

  void answered(std::int32_t result, std::uint32_t flags) noexcept override;
  void retiring() noexcept override { KEEL_ASSERT(arrived_.empty()); }
  void ensure_accepting() noexcept;

  WaitQueue arrived_;
  std::deque<Descriptor> queued_;
  int error_number_ = 0;
};

void UringAcceptor::ensure_accepting() noexcept {
  if (armed()) return;
  arm([this](io_uring_sqe* entry) {
    io_uring_prep_multishot_accept(entry, socket().number(), nullptr, nullptr,
                                   SOCK_CLOEXEC | SOCK_NONBLOCK);
  });
}

void UringAcceptor::answered(std::int32_t result, std::uint32_t) noexcept {
  if (result >= 0) {
    ++core().stats().received;
    queued_.emplace_back(result);
    if (queued_.size() >= kMostQueued) end();
  } else if (result != -ECANCELED && result != -ECONNABORTED && result != -EINTR) {
    error_number_ = -result;
  }
  arrived_.wake_all();
}

Task<Result<std::unique_ptr<Connection>>> UringAcceptor::accept(Wait wait) {
  while (queued_.empty()) {
    if (error_number_ != 0) {
      co_return socket_error(std::exchange(error_number_, 0), kListenFailed, "accept");
    }
    ensure_accepting();
    KEEL_CO_TRY(co_await arrived_.wait(wait));
  }
  Descriptor socket = std::move(queued_.front());
  queued_.pop_front();
  if (queued_.size() < kMostQueued / 2) ensure_accepting();
  co_return std::make_unique<UringConnection>(core(), std::move(socket));
}

class UringListener final : public Listener {
 public:
  UringListener(UringCore& core, ListeningSocket listening)
      : acceptor_(new UringAcceptor(core, std::move(listening.descriptor))),
        port_(listening.port) {}

  [[clang::coro_wrapper]] Task<Result<std::unique_ptr<Connection>>> accept(Wait wait) override {
    return acceptor_->accept(wait);
  }
  std::uint16_t port() const noexcept override { return port_; }

 private:
  const std::unique_ptr<UringAcceptor, Standing::Retire> acceptor_;
  const std::uint16_t port_;
};

}  // namespace

Task<Result<std::unique_ptr<Listener>>> UringNetwork::listen(Endpoint at, int backlog) {
  const Timestamp until = core_.now() + kPredecessorCloses;
  for (;;) {
    Result<ListeningSocket> listening = make_listening_socket(at, backlog);
    if (listening.ok())
      co_return std::make_unique<UringListener>(core_, std::move(listening).value());
    if (!listening.error().is(kAddressInUse) || core_.now() >= until) co_return listening.error();
    KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + kTryAgain, {}));
  }
}

Task<Result<std::unique_ptr<Connection>>> UringNetwork::connect(Endpoint to, Wait wait) {
  const SocketAddress address = KEEL_CO_TRY(to_address(to, kConnectFailed));
  Descriptor socket = KEEL_CO_TRY(make_stream_socket(address));
  const Answer answer = co_await Call(core_, wait, [&](io_uring_sqe* entry) {
    io_uring_prep_connect(entry, socket.number(), &address.any, address.size);
  });
  if (answer.called_off()) co_return *answer.why;
  if (answer.failed()) {
    co_return socket_error(-answer.result, kConnectFailed,
                           "connect to " + to.address + " port " + std::to_string(to.port));
  }
  co_return std::make_unique<UringConnection>(core_, std::move(socket));
}

}  // namespace keel::runtime
