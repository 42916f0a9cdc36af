// Whether a signed meter value was signed by a meter's key. ECDSA by OpenSSL, with SHA-256.
//
// Thread: any. It takes about as long as a TLS handshake: not for a core that serves.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "wire/ocmf/signed_value.hpp"

namespace keel::node {

// The key: SubjectPublicKeyInfo (RFC 5480) in DER, as hexadecimal digits or base64, as it is
// printed on meters and stands in transparency records. kBadMeterKey; kForgedReading.
Result<> verify(const ocmf::SignedValue& value, std::string_view public_key);
// The key in DER.
Result<> verify(const ocmf::SignedValue& value, ByteView public_key);

}  // namespace keel::node
