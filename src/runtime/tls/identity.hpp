// What a certificate says about who holds it. Only this folder's sources include it.
#pragma once

#include "runtime/security.hpp"
#include "runtime/tls/openssl.hpp"

namespace keel::runtime {

// At most 64 names; others of unknown kinds are passed over.
PeerIdentity identity_of(X509* certificate);

}  // namespace keel::runtime
