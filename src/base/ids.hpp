// The ids that every layer speaks of, and their text forms.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/strong_id.hpp"

namespace keel {

// Whose data it is: the first part of every key. Zero is the operator's own tenant.
using TenantId = StrongId<struct TenantTag, std::uint32_t>;
// Who acts: a user, a device, a service or a token. Zero is Keel itself (time, outbox).
using PrincipalId = StrongId<struct PrincipalTag, std::uint64_t>;
// Names one command for ever; the idempotency key. Zero is refused.
using CommandId = StrongId<struct CommandTag, uint128>;
// Ties together all that came of one request from outside.
using CorrelationId = StrongId<struct CorrelationTag, uint128>;
// The command or event that caused this one.
using CausationId = StrongId<struct CausationTag, uint128>;
// A place in a cell's history: the sequence number of a record, from 1, without gaps. Zero: before
// all.
using Position = StrongId<struct PositionTag, std::uint64_t>;
// Names a cell inside a node.
using CellId = StrongId<struct CellTag, std::uint32_t>;

// Decimal text of a 128-bit integer, and back (decimal digits only, no sign, no spaces).
std::string to_decimal(uint128 value);
Result<uint128> uint128_from_decimal(std::string_view text);

}  // namespace keel
