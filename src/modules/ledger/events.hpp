// The facts of the ledger, as they stand in the journal: row events, packed by the engine. The
// tenant is in the record's envelope. Numbers and layouts: docs/ledger.md.
#pragma once

#include "kernel/event.hpp"
#include "kernel/types.hpp"
#include "modules/ledger/codes.hpp"
#include "modules/ledger/types.hpp"

namespace keel::ledger {

inline constexpr kernel::ModuleId kModule{1};

struct LedgerOpened {
  static constexpr kernel::EventType kEventType{kModule, 1};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  LedgerSpec ledger{};
};

struct AccountCreated {
  static constexpr kernel::EventType kEventType{kModule, 2};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  AccountSpec account{};
};
static_assert(sizeof(AccountCreated) == 128);

struct CreditLimitSet {
  static constexpr kernel::EventType kEventType{kModule, 3};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  AccountId account{};
  Amount credit_limit = 0;
  Timestamp timestamp{};
  std::uint64_t reserved = 0;
};
static_assert(sizeof(CreditLimitSet) == 48);

// With the final amount; of a post or void with the accounts, ledger and code of what it settles.
struct TransferCreated {
  static constexpr kernel::EventType kEventType{kModule, 4};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  Transfer transfer{};
};
static_assert(sizeof(TransferCreated) == 128);

// The id is used up: it failed for a passing reason and stays failed.
struct TransferFailed {
  static constexpr kernel::EventType kEventType{kModule, 5};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  TransferId id{};
  Timestamp timestamp{};
  TransferCode code = TransferCode::created;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(TransferFailed) == 32);

// A pending transfer was neither posted nor voided in time: its reservation is given back.
struct TransferExpired {
  static constexpr kernel::EventType kEventType{kModule, 6};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  TransferId pending_id{};
  Timestamp timestamp{};
  std::uint64_t reserved = 0;
};
static_assert(sizeof(TransferExpired) == 32);

}  // namespace keel::ledger
