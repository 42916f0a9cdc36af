#include "node/servers/http_api.hpp"

#include "runtime/scope.hpp"

namespace keel::node {

using runtime::Task;

namespace {

std::optional<servers::CallsApi> calls_of(const ServerParts& parts,
                                          const std::vector<servers::StationCaller*>& callers,
                                          servers::Handler& next) {
  if (callers.empty()) return std::nullopt;
  return std::optional<servers::CallsApi>(std::in_place, parts.core, callers, parts.authenticator,
                                          next);
}

std::optional<broker::WebDoor> mqtt_of(const ServerOptions& options, broker::Server* mqtt,
                                       servers::Handler& next, websocket::Deflate& deflate) {
  if (mqtt == nullptr || !options.mqtt->websocket) return std::nullopt;
  return std::optional<broker::WebDoor>(
      std::in_place, *mqtt, next,
      broker::WebDoorOptions{.origins = options.mqtt->origins,
                             .deflate = options.mqtt->deflate ? &deflate : nullptr});
}

}  // namespace

HttpApi::HttpApi(const ServerOptions& options, const ServerParts& parts, const Behind& behind)
    : core_(parts.core),
      without_tls_(options.http_enabled),
      passwords_(parts.core),
      api_(
          {.core = parts.core,
           .cell = parts.cells.money(),
           .authenticator = parts.authenticator,
           .operations = parts.operations,
           .version = options.version,
           .other_cell = [&parts = parts.cells](std::string_view name) { return parts.find(name); },
           .passwords = &passwords_,
           .on_other_cell =
               [devices = behind.devices](const kernel::Command& command) {
                 if (devices != nullptr) devices->look(command);
               }}),
      console_(api_, servers::console_assets()),
      calls_(calls_of(parts, behind.callers, console_)),
      mqtt_(mqtt_of(options, behind.mqtt,
                    calls_ ? static_cast<servers::Handler&>(*calls_) : console_, deflate_)),
      server_(parts.core, first(), options.http) {
  if (options.https) tls_.emplace(parts.core, *options.https, parts.reloads, parts.log);
}

servers::Handler& HttpApi::first() noexcept {
  if (mqtt_) return *mqtt_;
  if (calls_) return *calls_;
  return console_;
}

Task<Result<std::vector<OpenPort>>> HttpApi::open() {
  std::vector<OpenPort> ports;
  if (without_tls_) {
    KEEL_CO_TRY(co_await server_.listen());
    ports.push_back(
        {.scheme = "http", .address = server_.options().endpoint.address, .port = server_.port()});
  }
  if (tls_) {
    std::unique_ptr<runtime::Listener> listener = KEEL_CO_TRY(co_await tls_->open());
    ports.push_back(
        {.scheme = "https", .address = tls_->endpoint().address, .port = listener->port()});
    server_.add(std::move(listener));
  }
  co_return ports;
}

Task<> HttpApi::run() {
  runtime::Scope scope(core_);
  if (tls_) scope.spawn(&TlsDoor::watch, &*tls_, scope.wait());
  co_await server_.run();
  co_await scope.cancel_and_join();
}

void HttpApi::read(NodeMetrics& metrics) const {
  metrics.http = server_.stats();
  if (tls_) metrics.tls = tls_->stats();
  if (mqtt_) metrics.mqtt_sockets = mqtt_->stats();
}

}  // namespace keel::node
