// A signed meter value in the Open Charge Metering Format, taken apart:
//
//   OCMF|{"FV":"1.0",…,"RD":[…]}|{"SA":"ECDSA-secp256r1-SHA256","SD":"3045…"}
//
// OCMF 1.0 to 1.4 (S.A.F.E. e.V.), "OCMF – Open Charge Metering Format", sections header, payload
// and signature. The signature is over the bytes of the payload section, so that is kept as it
// came. Bounds: kMaxBytes. Thread: any.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace keel::ocmf {

inline constexpr std::size_t kMaxBytes = 64 * 1024;

enum class Curve : std::uint8_t {
  secp192k1,
  secp256k1,
  secp192r1,
  secp256r1,
  secp384r1,
  brainpool256r1,
  brainpool384r1,
};
// "secp256r1", as SA has it.
std::string_view to_string(Curve curve) noexcept;

struct SignedValue {
  std::string_view payload;        // what is signed (by SHA-256); a view into the text
  Curve curve = Curve::secp256r1;  // that is meant when SA is not there
  Bytes signature;                 // DER: a SEQUENCE of two INTEGERs (X9.62), and nothing else
};

// kBadText says what is wrong. Among it: a signature section with a key that OCMF does not have, an
// algorithm or an encoding that is not known, and signature data that are no signature: a bare
// hash, r and s side by side, DER that is cut off or longer than it says.
Result<SignedValue> parse(std::string_view text [[clang::lifetimebound]]);

}  // namespace keel::ocmf
