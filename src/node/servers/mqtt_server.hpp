// MqttServer: the MQTT broker of a node, without TLS and with it, as one server: both ports share
// its sessions, its limits and its counters.
#pragma once

#include <optional>

#include "node/mqtt/authenticator.hpp"
#include "node/mqtt/device_authenticator.hpp"
#include "node/ocmf/ocmf_signatures.hpp"
#include "node/servers/make_servers.hpp"
#include "node/tls/tls_door.hpp"
#include "servers/charging/cell_events.hpp"
#include "servers/devices/device_service.hpp"
#include "servers/mqtt/server.hpp"
#include "servers/terminals/terminal_service.hpp"

namespace keel::node {

class MqttServer final : public NodeServer, private servers::TerminalTalk {
 public:
  // The node has the cell kStreams.
  MqttServer(const MqttOptions& options, const ServerParts& parts);

  runtime::Task<Result<std::vector<OpenPort>>> open() override;
  runtime::Task<> run() override;
  void stop() noexcept override { server_.stop(); }
  std::uint64_t connections() const noexcept override { return server_.stats().open; }
  void read(NodeMetrics& metrics) const override;

  servers::DeviceService& devices() noexcept [[clang::lifetimebound]] { return devices_; }
  broker::Server& broker() noexcept [[clang::lifetimebound]] { return server_; }
  // Calls to terminals; null: there are none (mqtt.charging).
  servers::StationCaller* calls() noexcept [[clang::lifetimebound]] {
    return terminals_ ? &terminals_->calls() : nullptr;
  }

 private:
  void say(std::string_view topic, std::string_view payload, std::uint32_t expiry_s) override {
    server_.broker().publish_own(topic, as_bytes(payload), expiry_s);
  }
  std::size_t listeners(std::string_view topic) override {
    return server_.broker().listeners(topic);
  }

  runtime::Core& core_;
  const bool without_tls_;
  const MqttUsers users_;
  const OcmfSignatures signatures_;
  servers::CellEvents events_;  // the money's cell, where charging is
  MqttAuthenticator user_authenticator_;
  DeviceAuthenticator authenticator_;
  broker::Server server_;
  servers::DeviceService devices_;
  std::optional<servers::TerminalService> terminals_;
  std::optional<TlsDoor> tls_;
  log::Logger& log_;
};

}  // namespace keel::node
