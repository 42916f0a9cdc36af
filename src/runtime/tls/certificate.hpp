// Certificates as PEM texts: what one says, and a new one for development.
//
// Thread: any.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace keel::runtime {

// A certificate with what it is proved by, and its private key.
struct TlsCertificate {
  std::string chain_pem;  // its own first, then the intermediate ones
  std::string key_pem;
};

struct CertificateFacts {
  std::string subject;             // "CN=keel"
  std::vector<std::string> names;  // "dns:localhost", "ip:127.0.0.1", "uri:…"
  Timestamp not_before;            // Unix time
  Timestamp not_after;
  std::string fingerprint;  // SHA-256, hexadecimal
};

// Of the first certificate of a PEM text. kBadCertificate when there is none.
Result<CertificateFacts> read_certificate(std::string_view pem);

// ECDSA P-256, signed by itself, for either side, for 397 days from `now` (Unix time); names as in
// CertificateFacts, dns and ip only. Nobody but its maker has a reason to trust it.
Result<TlsCertificate> make_development_certificate(std::span<const std::string> names,
                                                    Timestamp now);

}  // namespace keel::runtime
