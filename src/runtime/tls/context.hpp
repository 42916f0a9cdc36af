// TlsContext: one loaded set of certificates and rules, from which sessions are made. Immutable; a
// reload makes a new one, and sessions keep the one that they began with.
//
// What is offered (RFC 9325): TLS 1.2 and 1.3; AEAD suites with ephemeral keys only; X25519, P-256,
// P-384; no renegotiation, no compression, no early data.
//
// Thread: one core, as all of its sessions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/tls/certificate.hpp"
#include "runtime/tls/ticket_keys.hpp"

struct ssl_ctx_st;

namespace keel::runtime {

enum class ClientCertificates : std::uint8_t { none, optional, required };

struct TlsServerSettings {
  // By the name that the client asks for; the first when none matches. At least one.
  std::vector<TlsCertificate> certificates;
  ClientCertificates client_certificates = ClientCertificates::none;
  std::string client_ca_pem;           // whose client certificates are believed
  std::vector<std::string> protocols;  // ALPN (RFC 7301), the preferred first; empty: not spoken of
};

struct TlsClientSettings {
  std::string ca_pem;                         // whose server certificates are believed
  std::optional<TlsCertificate> certificate;  // shown to a server that asks
  std::vector<std::string> protocols;
};

class TlsContext {
 public:
  // Shared by what is loaded now and every session that began with it. kBadCertificate says which
  // certificate, and what is wrong with it.
  using Pointer = std::shared_ptr<const TlsContext>;

  // The keys outlive the context and its sessions.
  static Result<Pointer> server(const TlsServerSettings& settings, const TicketKeys& keys);
  static Result<Pointer> client(const TlsClientSettings& settings);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

 private:
  friend class TlsSession;
  friend struct TlsCallbacks;
  struct Freed {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  using ContextPtr = std::unique_ptr<ssl_ctx_st, Freed>;

  TlsContext() = default;
  static Result<ContextPtr> make(const TlsCertificate* certificate);

  std::vector<ContextPtr> contexts_;  // one a certificate; the first is the default
  std::string protocols_;             // as ALPN has them: each with its length before it
  const TicketKeys* ticket_keys_ = nullptr;
};

}  // namespace keel::runtime
