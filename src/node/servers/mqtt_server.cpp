#include "node/servers/mqtt_server.hpp"

#include "node/access/token.hpp"
#include "node/log/events.hpp"
#include "runtime/errors.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// What letting a client in may take beside what it is given for saying who it is: its proof is
// looked at, and its session found.
constexpr Duration kJudging = Duration::seconds(30);

servers::DeviceCell device_cell(const ServerParts& parts) {
  return {*parts.cells.find(kStreams), kOperator.tenant, kOperator.principal};
}

}  // namespace

MqttServer::MqttServer(const MqttOptions& options, const ServerParts& parts)
    : core_(parts.core),
      without_tls_(options.without_tls),
      users_(options.users),
      events_(parts.cells.money(), kOperator.tenant, kOperator.principal),
      user_authenticator_(parts.core, users_, options.charging ? &events_ : nullptr),
      authenticator_(parts.core, users_, user_authenticator_, device_cell(parts)),
      server_(parts.core, *parts.cells.find(kStreams), authenticator_, options.server),
      devices_(
          server_.broker(), device_cell(parts),
          {.coming_in = options.server.connect_timeout + kJudging,
           .end_connections = [this](std::string_view device) { server_.end_registered(device); }}),
      log_(parts.log) {
  server_.add(devices_);
  if (options.tls) tls_.emplace(parts.core, *options.tls, parts.reloads, parts.log);
  if (!options.charging) return;
  terminals_.emplace(
      parts.core, events_,
      servers::SignedRecordOptions{.signatures = &signatures_, .named = options.named_records},
      static_cast<servers::TerminalTalk&>(*this));
  server_.add(*terminals_);
}

Task<Result<std::vector<OpenPort>>> MqttServer::open() {
  std::vector<OpenPort> ports;
  if (without_tls_) {
    KEEL_CO_TRY(co_await server_.listen());
    ports.push_back(
        {.scheme = "mqtt", .address = server_.options().endpoint.address, .port = server_.port()});
  }
  if (tls_) {
    std::unique_ptr<runtime::Listener> listener = KEEL_CO_TRY(co_await tls_->open());
    ports.push_back(
        {.scheme = "mqtts", .address = tls_->endpoint().address, .port = listener->port()});
    server_.add(std::move(listener));
  }
  co_return ports;
}

Task<> MqttServer::run() {
  runtime::Scope scope(core_);
  if (tls_) scope.spawn(&TlsDoor::watch, &*tls_, scope.wait());
  const Result<> ran = co_await server_.run();
  if (!ran.ok() && !ran.error().is(runtime::kCancelled)) log_.write(kMqttCannotServe, ran.error());
  co_await scope.cancel_and_join();
}

void MqttServer::read(NodeMetrics& metrics) const {
  metrics.mqtt = {.server = server_.stats(),
                  .broker = server_.broker_stats(),
                  .batches = server_.batch_stats()};
  if (tls_) metrics.mqtt->tls = tls_->stats();
}

}  // namespace keel::node
