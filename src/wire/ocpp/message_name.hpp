// A message id of OCPP-J (section 4.1.4: a text of up to 36 characters) in 128 bits, so that the
// journal's envelopes can name the message that a record came of.
//
// A UUID in lower case stands for its own bits, and up to 15 printable ASCII characters without
// spaces for their bytes: both come back as they were. Anything else is the first 16 bytes of its
// SHA-256, which comes back as a UUID of those bits.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace keel::ocpp {

CausationId name_message(std::string_view id);
// Empty for zero.
std::string message_of(CausationId name);

}  // namespace keel::ocpp
