#include "modules/ledger/state/histories.hpp"

namespace keel::ledger {
namespace {

using kernel::ColdIndexSchema;

template <typename Row>
Row row_of(ByteView record) {
  return ByteReader(record).read_object<Row>().value();
}

// Appends an entry: the parts of the key, and the number of the row.
template <typename... Parts>
void entry(Bytes& to, std::uint64_t number, Parts... parts) {
  append(to, kernel::big_endian(parts..., number));
}

void by_id(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = row_of<TransferRow>(record);
  entry(to, number, row.tenant.value(), row.transfer.id.value());
}

void by_account(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = row_of<TransferRow>(record);
  if (row.code != TransferCode::created) return;
  const Transfer& transfer = row.transfer;
  entry(to, number, row.tenant.value(), transfer.debit_account.value(), row.in_debit.nth);
  entry(to, number, row.tenant.value(), transfer.credit_account.value(), row.in_credit.nth);
}

void by_code(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = row_of<TransferRow>(record);
  if (row.code != TransferCode::created) return;
  entry(to, number, row.tenant.value(), row.transfer.code.value());
}

template <auto Field>
void by_user_data(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = row_of<TransferRow>(record);
  if (row.code != TransferCode::created || row.transfer.*Field == 0) return;
  entry(to, number, row.tenant.value(), row.transfer.*Field);
}

void by_pending(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = row_of<SettlementRow>(record);
  entry(to, number, row.tenant.value(), row.pending.value());
}

void by_balances(ByteView record, std::uint64_t number, Bytes& to) {
  const auto row = row_of<BalancesRow>(record);
  entry(to, number, row.tenant.value(), row.account.value(), row.place.nth);
}

}  // namespace

constinit const std::array<ColdIndexSchema, 6> TransferHistory::kIndexes{
    ColdIndexSchema{.key_bytes = 20, .unique = true, .entries_of = by_id},
    ColdIndexSchema{.key_bytes = 28, .entries_of = by_account},
    ColdIndexSchema{.key_bytes = 6, .entries_of = by_code},
    ColdIndexSchema{.key_bytes = 20, .entries_of = by_user_data<&Transfer::user_data_128>},
    ColdIndexSchema{.key_bytes = 12, .entries_of = by_user_data<&Transfer::user_data_64>},
    ColdIndexSchema{.key_bytes = 8, .entries_of = by_user_data<&Transfer::user_data_32>},
};
constinit const std::array<ColdIndexSchema, 1> SettlementHistory::kIndexes{
    ColdIndexSchema{.key_bytes = 20, .unique = true, .entries_of = by_pending}};
constinit const std::array<ColdIndexSchema, 1> BalancesHistory::kIndexes{
    ColdIndexSchema{.key_bytes = 28, .entries_of = by_balances}};

}  // namespace keel::ledger
