// Kinds of error of modules/ledger (1000-1099). An Error refuses a whole command or query and
// writes nothing; what is wrong with one row of a batch is a result code (codes.hpp).
#pragma once

#include "base/error.hpp"

namespace keel::ledger {

inline constexpr ErrorKind kBadBatch{1000, "ledger.bad_batch", ErrorClass::invalid};
inline constexpr ErrorKind kBadFilter{1001, "ledger.bad_filter", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownType{1002, "ledger.unknown_type", ErrorClass::invalid};
inline constexpr ErrorKind kAccountsFull{1003, "ledger.accounts_full", ErrorClass::overload};
inline constexpr ErrorKind kTransfersFull{1004, "ledger.transfers_full", ErrorClass::overload};
inline constexpr ErrorKind kLedgersFull{1005, "ledger.ledgers_full", ErrorClass::overload};
// 1006 was ledger.query_too_wide.

}  // namespace keel::ledger
