// Security: what protects a connection, and who its peer has proved to be. Made by the transport
// that protects it (runtime/tls); servers read it and know no more of that transport.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keel::runtime {

// What the peer's certificate says of it; the certificate was verified.
struct PeerIdentity {
  std::string common_name;         // of the subject; may be empty
  std::vector<std::string> names;  // subject alternative names: "dns:a.example", "uri:urn:x" …
  std::string fingerprint;         // SHA-256 of the certificate, 64 hexadecimal digits
};

// Filled when the handshake is over: after the first receive() or send() that has succeeded.
struct Security {
  bool established = false;
  bool resumed = false;                // by a ticket of an earlier connection
  std::string_view version;            // "TLSv1.3"; static lifetime
  std::string_view cipher;             // "TLS_AES_128_GCM_SHA256"; static lifetime
  std::string protocol;                // chosen by ALPN: "http/1.1", "mqtt"; empty: none
  std::string server_name;             // that the client asked for (SNI); empty: none
  std::unique_ptr<PeerIdentity> peer;  // null: it has shown no certificate
};

}  // namespace keel::runtime
