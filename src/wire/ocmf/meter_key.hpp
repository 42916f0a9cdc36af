// The public key of a meter, as people and stations write it down.
//
// SubjectPublicKeyInfo (RFC 5480) in DER, with a named curve of OCMF and an uncompressed point, as
// hexadecimal digits or base64, also behind "oca:base16:asn1:" or "oca:base64:asn1:" (Open Charge
// Alliance, application note "Signed meter values in OCPP"). Whether the point is on its curve is
// not looked at. Thread: any.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::ocmf {

// The DER. kBadText says what is wrong.
Result<Bytes> read_meter_key(std::string_view text);

}  // namespace keel::ocmf
