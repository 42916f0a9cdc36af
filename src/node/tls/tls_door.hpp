// TlsDoor: a port of the node that speaks TLS, with certificates from a directory that it looks at
// again: every few seconds, and at once when it is told to (SIGHUP). What cannot be loaded leaves
// the certificates in use as they are, and is logged once.
//
// Thread: its core. Lifetime: outlives the listener that open() gives and its
// connections.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/log/log.hpp"
#include "node/tls/certificate_files.hpp"
#include "runtime/tls/server.hpp"

namespace keel::node {

struct TlsDoorOptions {
  runtime::Endpoint endpoint;
  int backlog = 1'024;
  Duration handshake_time = Duration::seconds(10);
  std::string directory;  // see certificate_files.hpp
  runtime::ClientCertificates client_certificates = runtime::ClientCertificates::none;
  std::vector<std::string> protocols;  // ALPN
  Duration look_pause = Duration::seconds(5);
};

class TlsDoor {
 public:
  // `reloads`: raised by any thread to have the files looked at now; it outlives the door.
  TlsDoor(runtime::Core& core, TlsDoorOptions options, const std::atomic<std::uint64_t>& reloads,
          log::Logger& logger)
      : core_(core),
        options_(std::move(options)),
        reloads_(reloads),
        log_(logger),
        server_(core, {.handshake = {.time = options_.handshake_time}}) {}

  // Loads the certificates, or makes one for development where there is none, and binds.
  runtime::Task<Result<std::unique_ptr<runtime::Listener>>> open();
  // Looks at the files until it is called off.
  runtime::Task<> watch(runtime::Wait wait);

  const runtime::TlsStats& stats() const noexcept { return server_.stats(); }
  const runtime::Endpoint& endpoint() const noexcept { return options_.endpoint; }

 private:
  runtime::Task<Result<>> load();
  runtime::Task<> look(bool asked);

  runtime::Core& core_;
  TlsDoorOptions options_;
  const std::atomic<std::uint64_t>& reloads_;
  log::Logger& log_;
  runtime::TlsServer server_;
  Digest loaded_;
  std::string refused_;  // what the last look complained of
};

}  // namespace keel::node
