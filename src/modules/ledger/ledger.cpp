#include "modules/ledger/ledger.hpp"

#include "modules/ledger/decide/decisions.hpp"
#include "modules/ledger/errors.hpp"
#include "modules/ledger/query/queries.hpp"
#include "modules/ledger/state/state.hpp"

namespace keel::ledger {
namespace {

template <kernel::RowEvent Event>
constexpr kernel::EventSchema schema_of(std::string_view name) {
  return {Event::kEventType, Event::kSchemaVersion, name, sizeof(Event)};
}

constexpr std::array kEvents{
    schema_of<LedgerOpened>("ledger_opened"),      schema_of<AccountCreated>("account_created"),
    schema_of<CreditLimitSet>("credit_limit_set"), schema_of<TransferCreated>("transfer_created"),
    schema_of<TransferFailed>("transfer_failed"),  schema_of<TransferExpired>("transfer_expired"),
};
constexpr std::array kCommands{kOpenLedgers, kCreateAccounts, kSetCreditLimits, kCreateTransfers};
constexpr std::array kQueries{kLookupAccounts,  kLookupTransfers, kAccountTransfers,
                              kAccountBalances, kTrialBalance,    kListAccounts,
                              kQueryTransfers,  kQueryAccounts,   kBalancesAt};

template <kernel::RowEvent Row>
Row row_of(const kernel::Event& event) {
  KEEL_ASSERT(event.payload.size() == sizeof(Row));
  return PackedRows<Row>(event.payload)[0];
}

template <typename Id>
void need(kernel::Needs& needs, const kernel::TableBase& table, TenantId tenant, Id id) {
  if (!id.is_zero()) needs.row(table.id(), object_bytes(IdKey<Id>{.tenant = tenant, .id = id}));
}

void need_transfers(const State& state, TenantId tenant, PackedRows<Transfer> rows,
                    kernel::Needs& needs) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Transfer row = rows[i];
    need(needs, state.transfers, tenant, row.id);
    need(needs, state.accounts, tenant, row.debit_account);
    need(needs, state.accounts, tenant, row.credit_account);
    if (state.find_pending(tenant, row.pending_id) != nullptr) continue;
    need(needs, state.transfers, tenant, row.pending_id);
    need(needs, state.settlements, tenant, row.pending_id);
  }
}

}  // namespace

Ledger::Ledger(kernel::UndoLog& undo, kernel::HashSeed seed, const LedgerOptions& options)
    : state_(std::make_unique<State>(undo, seed, options)) {}

Ledger::~Ledger() = default;

kernel::ModuleInfo Ledger::info() const {
  return {.id = kModule,
          .name = "ledger",
          .events = kEvents,
          .commands = kCommands,
          .queries = kQueries};
}

void Ledger::needs(const kernel::Command& command, kernel::Needs& needs) const {
  // What is malformed needs nothing: decide() refuses it.
  if (command.type == kCreateTransfers) {
    const auto batch = read_batch<Transfer>(command.payload, BatchOption::balances_in_reply);
    if (batch.ok()) need_transfers(*state_, command.tenant, batch->rows, needs);
  } else if (command.type == kCreateAccounts) {
    const auto batch = read_batch<AccountSpec>(command.payload);
    for (std::size_t i = 0; batch.ok() && i < batch->rows.size(); ++i) {
      need(needs, state_->accounts, command.tenant, batch->rows[i].id);
    }
  } else if (command.type == kSetCreditLimits) {
    const auto batch = read_batch<CreditLimit>(command.payload);
    for (std::size_t i = 0; batch.ok() && i < batch->rows.size(); ++i) {
      need(needs, state_->accounts, command.tenant, batch->rows[i].account);
    }
  }
}

Result<kernel::Outcome> Ledger::decide(kernel::Transaction& tx, const kernel::Command& command,
                                       const kernel::Context& context) const {
  const Decision decision{.state = *state_, .tx = tx, .context = context};
  if (command.type == kCreateTransfers) {
    KEEL_TRY(create_transfers(decision, command.payload));
  } else if (command.type == kCreateAccounts) {
    KEEL_TRY(create_accounts(decision, command.payload));
  } else if (command.type == kSetCreditLimits) {
    KEEL_TRY(set_credit_limits(decision, command.payload));
  } else if (command.type == kOpenLedgers) {
    KEEL_TRY(open_ledgers(decision, command.payload));
  } else {
    return Error(kUnknownType, "command type " + std::to_string(command.type.value()));
  }
  return kernel::Outcome{};
}

void Ledger::apply(const kernel::Event& event) {
  if (event.type == TransferCreated::kEventType) {
    state_->apply(event.tenant, row_of<TransferCreated>(event));
  } else if (event.type == TransferFailed::kEventType) {
    state_->apply(event.tenant, row_of<TransferFailed>(event));
  } else if (event.type == TransferExpired::kEventType) {
    state_->apply(event.tenant, row_of<TransferExpired>(event));
  } else if (event.type == AccountCreated::kEventType) {
    state_->apply(event.tenant, row_of<AccountCreated>(event));
  } else if (event.type == CreditLimitSet::kEventType) {
    state_->apply(event.tenant, row_of<CreditLimitSet>(event));
  } else {
    KEEL_ASSERT(event.type == LedgerOpened::kEventType);
    state_->apply(event.tenant, row_of<LedgerOpened>(event));
  }
}

std::optional<Timestamp> Ledger::next_due() const {
  const auto first = state_->expiries.first();
  if (!first) return std::nullopt;
  return first.key().expires_at;
}

std::size_t Ledger::expire(kernel::Transaction& tx, const kernel::Context& context,
                           std::size_t limit) const {
  return expire_transfers({.state = *state_, .tx = tx, .context = context}, limit);
}

Result<> Ledger::query(const kernel::Query& query, Bytes& reply) const {
  return answer(*state_, query, reply);
}

std::span<kernel::TableBase* const> Ledger::tables() {
  return state_->tables();
}

Result<> Ledger::post(kernel::Transaction& tx, const kernel::Context& context,
                      std::span<const Transfer> transfers, std::span<RowResult> results) const {
  KEEL_ASSERT(transfers.size() == results.size());
  KEEL_ASSERT(transfers.size() <= kMaxBatchRows);
  return create_transfers({.state = *state_, .tx = tx, .context = context},
                          PackedRows<Transfer>(std::as_bytes(transfers)),
                          ResultRows(std::as_writable_bytes(results), sizeof(RowResult)));
}

Result<> Ledger::post_new(kernel::Transaction& tx, const kernel::Context& context,
                          std::span<const Transfer> transfers, std::span<RowResult> results) const {
  KEEL_ASSERT(transfers.size() == results.size());
  KEEL_ASSERT(transfers.size() <= kMaxBatchRows);
  return create_transfers({.state = *state_, .tx = tx, .context = context, .hot_only = true},
                          PackedRows<Transfer>(std::as_bytes(transfers)),
                          ResultRows(std::as_writable_bytes(results), sizeof(RowResult)));
}

std::optional<Account> Ledger::find_account(TenantId tenant, AccountId id) const {
  const AccountRow* row = state_->find(tenant, id);
  if (row == nullptr) return std::nullopt;
  return row->account;
}

std::optional<Transfer> Ledger::find_transfer(TenantId tenant, TransferId id) const {
  const TransferRow* row = state_->find(tenant, id);
  if (row == nullptr) return std::nullopt;
  return row->transfer;
}

std::optional<TrialBalance> Ledger::trial_balance(TenantId tenant, LedgerId id) const {
  const LedgerRow* row = state_->find(tenant, id);
  if (row == nullptr) return std::nullopt;
  return trial_balance_of(*row);
}

std::optional<TrialBalance> Ledger::recomputed_trial_balance(TenantId tenant, LedgerId id) const {
  const LedgerRow* row = state_->find(tenant, id);
  if (row == nullptr) return std::nullopt;
  return recompute_trial_balance(*state_, tenant, *row);
}

}  // namespace keel::ledger
