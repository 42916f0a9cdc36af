// What a station gives as a signed value: an OCMF record as it is, or within the object of the Open
// Charge Alliance's application note "Signed meter values in OCPP" (the SignedMeterValueType of
// OCPP 2.0.1):
//
//   {"signedMeterData":"<base64 of the record>","publicKey":"<base64>","encodingMethod":"OCMF",…}
//
// Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::ocmf {

struct SignedText {
  std::string record;  // OCMF, not looked at
  Bytes meter_key;     // that came with it, in DER (meter_key.hpp); empty: none
};

// kBadText: neither of the two, or a key that is none.
Result<SignedText> unwrap(std::string_view text);

}  // namespace keel::ocmf
