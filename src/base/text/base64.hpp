// Base64 (RFC 4648 section 4): the standard alphabet, padded, without line breaks.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace keel {

void append_base64(std::string& to, ByteView bytes);

// Refuses other characters, missing or misplaced padding, and leftover bits that are not zero: each
// value has one spelling.
Result<Bytes> from_base64(std::string_view text);

}  // namespace keel
