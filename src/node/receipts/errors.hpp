// Kinds of error of node/receipts (745-754).
#pragma once

#include "base/error.hpp"

namespace keel::node {

// There is no such session, it is not billed yet, or has no such version of its bill.
inline constexpr ErrorKind kNoReceipt{745, "receipts.none", ErrorClass::missing};
// The table of positions does not lead to the session's bill: it is to be deleted.
inline constexpr ErrorKind kWrongPosition{746, "receipts.wrong_position", ErrorClass::corrupt};
// The node has no key to sign with.
inline constexpr ErrorKind kNoSigner{747, "receipts.no_signer", ErrorClass::unavailable};
// The receipt's signature, statement, proof and record do not fit together.
inline constexpr ErrorKind kBadReceipt{748, "receipts.bad_receipt", ErrorClass::corrupt};
// The table of positions has not come so far yet.
inline constexpr ErrorKind kReceiptsBehind{749, "receipts.behind", ErrorClass::retry_later};
inline constexpr ErrorKind kNotWritten{750, "receipts.not_written", ErrorClass::unavailable};

}  // namespace keel::node
