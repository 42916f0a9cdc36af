// What charging asks of the ledger, in the same transaction. Private to this folder.
#pragma once

#include "modules/charging/decide/decision.hpp"

namespace keel::charging {

// False: another currency is there, or this one is none.
Result<bool> open_ledger(const Decision& d, const Settings& settings);
// True when it is there afterwards just as asked.
Result<bool> open_account(const Decision& d, const ledger::AccountSpec& spec);

// One transfer whose id is new. Its code; `created` is success.
Result<ledger::TransferCode> post_one(const Decision& d, ledger::Transfer transfer);

}  // namespace keel::charging
