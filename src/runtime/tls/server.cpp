#include "runtime/tls/server.hpp"

namespace keel::runtime {

namespace {

class GuardedListener final : public Listener {
 public:
  GuardedListener(TlsServer& server, std::unique_ptr<Listener> below)
      : server_(server), below_(std::move(below)) {}

  Task<Result<std::unique_ptr<Connection>>> accept(Wait wait) override {
    co_return server_.guard(KEEL_CO_TRY(co_await below_->accept(wait)));
  }
  std::uint16_t port() const noexcept override { return below_->port(); }

 private:
  TlsServer& server_;
  std::unique_ptr<Listener> below_;
};

}  // namespace

TlsServer::TlsServer(Core& core, TlsServerOptions options)
    : core_(core), options_(options), keys_(core.entropy(), core.now(), options.ticket_interval) {}

TlsServer::~TlsServer() = default;

Result<> TlsServer::use(const TlsServerSettings& settings) {
  context_ = KEEL_TRY(TlsContext::server(settings, keys_));
  return success();
}

std::unique_ptr<Listener> TlsServer::guard(std::unique_ptr<Listener> listener) {
  KEEL_ASSERT(context_ != nullptr);
  return std::make_unique<GuardedListener>(*this, std::move(listener));
}

std::unique_ptr<Connection> TlsServer::guard(std::unique_ptr<Connection> connection) {
  KEEL_ASSERT(context_ != nullptr);
  keys_.advance(core_.now());
  return std::make_unique<TlsConnection>(core_, std::move(connection), context_, options_.handshake,
                                         stats_);
}

Result<std::unique_ptr<TlsClient>> TlsClient::make(Core& core, const TlsClientSettings& settings) {
  TlsContext::Pointer context = KEEL_TRY(TlsContext::client(settings));
  return std::unique_ptr<TlsClient>(new TlsClient(core, std::move(context)));
}

Task<Result<std::unique_ptr<Connection>>> TlsClient::connect(Endpoint to, std::string_view host,
                                                             Wait wait) {
  std::unique_ptr<Connection> below =
      KEEL_CO_TRY(co_await core_.network().connect(std::move(to), wait));
  auto connection = std::make_unique<TlsConnection>(core_, std::move(below), context_, host,
                                                    HandshakeLimits{}, stats_);
  KEEL_CO_TRY(co_await connection->open(wait));
  co_return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace keel::runtime
