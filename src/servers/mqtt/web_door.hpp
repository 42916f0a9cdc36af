// WebDoor: the broker's way in through an HTTP server: MQTT over WebSocket (section 6 of MQTT 3.1.1
// and 5). What is asked of its path is answered
// here; everything else goes on to the next handler.
//
// A client is nobody until its CONNECT: what bounds it until then, and afterwards, is the broker's
// (ServerOptions), as if it had come by TCP. Of a message nothing is kept: its bytes go to the
// broker as they come. A compressed one is put together first, and is bounded for that: until the
// client is let in, by what its first packet may be.
//
// Lifetime: the broker's server and the next handler outlive it; it outlives the HTTP server.
// Thread: the server's core.
#pragma once

#include <array>
#include <string>

#include "servers/mqtt/server.hpp"
#include "servers/websocket/handler.hpp"

namespace keel::broker {

struct WebDoorOptions {
  std::string path = "/mqtt";
  // Pages of other hosts that may connect (servers::WebSocketRules).
  std::vector<std::string> origins;
  // Agreed to where a client offers permessage-deflate; null: never. Outlives the door.
  websocket::Deflate* deflate = nullptr;
};

class WebDoor final : public servers::Handler {
 public:
  WebDoor(Server& server, servers::Handler& next, WebDoorOptions options = {});

  runtime::Task<> handle(servers::Exchange& exchange) override;

  const servers::WebSocketStats& stats() const noexcept { return sockets_.stats(); }

 private:
  // Both names mean the same: the version is CONNECT's to say.
  class Protocol final : public servers::WebSocketProtocol {
   public:
    Protocol(Server& server, std::string_view name) : server_(server), name_(name) {}
    std::string_view name() const noexcept override { return name_; }
    runtime::Task<std::unique_ptr<servers::WebSocketService>> admit(
        servers::Exchange& exchange) override;

   private:
    Server& server_;
    std::string_view name_;
  };

  servers::Handler& next_;
  std::string path_;
  std::array<Protocol, 2> protocols_;
  servers::WebSocketHandler sockets_;
};

}  // namespace keel::broker
