// From the Idempotency-Key of a request to the 128-bit id of its command.
#pragma once

#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace keel::servers {

// A key is 1 to 255 visible ASCII characters. A UUID (RFC 9562) stands for its own 128 bits; any
// other key for the first 128 bits of SHA-256 over tenant and key, so that two tenants' keys never
// meet.
Result<CommandId> command_id_of(TenantId tenant, std::string_view key);

}  // namespace keel::servers
