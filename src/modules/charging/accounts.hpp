// The ids that charging gives to accounts and transfers of the ledger: the first 16 bytes
// (little-endian) of SHA-256 over a fixed text and numbers (32 bits, little-endian). Those of
// accounts anybody can work out; those of transfers begin with the tenant's own key, so that nobody
// can use one up before. docs/charging.md lists them.
#pragma once

#include "base/hash/digest.hpp"
#include "modules/charging/types.hpp"

namespace keel::charging {

enum class AccountRole : std::uint16_t {
  revenue = 4001,
  tax = 4002,
  clearing = 4003,
  receivables = 4004,
  driver = 4005,
};

// SHA-256("keel.charging.account" | ledger | role | driver); the driver is zero but for that role.
// The role is also the account's code in the ledger.
uint128 account_id(std::uint32_t ledger, AccountRole role, DriverId driver = {});

// What a transfer of charging is for: its code in the ledger. The session is its user_data_64, the
// version of the bill its user_data_32, the correlation its user_data_128.
enum class TransferKind : std::uint16_t {
  hold = 4001,        // pending: driver -> clearing
  capture = 4002,     // posts or voids the hold, whose code it keeps
  charge = 4003,      // driver -> clearing, beside the hold
  receivable = 4004,  // receivables -> clearing
  revenue = 4005,     // clearing -> revenue
  tax = 4006,         // clearing -> tax
  reversal = 4007,    // takes one of the version before back
};

struct TransferName {
  SessionNumber session;
  std::uint32_t version = 0;  // of the bill; the hold's is 0
  TransferKind kind{};
  std::uint32_t nth = 0;  // tells those of one kind apart
};

// SHA-256(key | "keel.charging.transfer" | session | version | kind | nth).
uint128 transfer_id(const Digest& key, const TransferName& name);

}  // namespace keel::charging
