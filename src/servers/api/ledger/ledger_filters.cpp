#include "servers/api/ledger/ledger_filters.hpp"

#include "servers/api/errors.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"

namespace keel::servers {
namespace {

Result<std::uint32_t> read_number32(Parameters& parameters, std::string_view name) {
  return static_cast<std::uint32_t>(KEEL_TRY(parameters.number(name, 0, UINT32_MAX)));
}

Result<ledger::Code> read_code(Parameters& parameters) {
  return ledger::Code(
      static_cast<std::uint16_t>(KEEL_TRY(parameters.number("code", 0, UINT16_MAX))));
}

Result<std::uint32_t> read_limit(Parameters& parameters) {
  return static_cast<std::uint32_t>(KEEL_TRY(parameters.number("limit", kUsualPage, kLargestPage)));
}

Result<ledger::QueryFlags> read_order(Parameters& parameters) {
  constexpr std::array<std::string_view, 2> kOrders{"oldest", "newest"};
  ledger::QueryFlags flags;
  if (KEEL_TRY(parameters.choice("order", kOrders)) == 1) flags |= ledger::QueryFlag::newest_first;
  return flags;
}

const EnumInfo& account_flags() {
  return *info<AccountBody>().find("flags")->type.enumeration;
}

}  // namespace

Result<ledger::AccountQuery> read_account_filter(Parameters& parameters) {
  return ledger::AccountQuery{
      .user_data_128 = KEEL_TRY(parameters.wide("user_data_128")),
      .user_data_64 = KEEL_TRY(parameters.number("user_data_64", 0)),
      .user_data_32 = KEEL_TRY(read_number32(parameters, "user_data_32")),
      .ledger = ledger::LedgerId(KEEL_TRY(read_number32(parameters, "ledger"))),
      .code = KEEL_TRY(read_code(parameters)),
      .with = ledger::AccountFlags::from_bits(
          static_cast<std::uint16_t>(KEEL_TRY(parameters.flags("flags", account_flags()))))};
}

Result<ledger::AccountQuery> read_account_query(Parameters& parameters) {
  ledger::AccountQuery query = KEEL_TRY(read_account_filter(parameters));
  query.from = KEEL_TRY(parameters.time("from"));
  query.to = KEEL_TRY(parameters.time("to"));
  query.cursor = KEEL_TRY(parameters.number("cursor", 0));
  query.limit = KEEL_TRY(read_limit(parameters));
  query.flags = KEEL_TRY(read_order(parameters));
  return query;
}

Result<ledger::TransferQuery> read_transfer_query(Parameters& parameters) {
  return ledger::TransferQuery{
      .account = ledger::AccountId(KEEL_TRY(parameters.wide("account"))),
      .debit_account = ledger::AccountId(KEEL_TRY(parameters.wide("debit_account"))),
      .credit_account = ledger::AccountId(KEEL_TRY(parameters.wide("credit_account"))),
      .user_data_128 = KEEL_TRY(parameters.wide("user_data_128")),
      .user_data_64 = KEEL_TRY(parameters.number("user_data_64", 0)),
      .from = KEEL_TRY(parameters.time("from")),
      .to = KEEL_TRY(parameters.time("to")),
      .cursor = KEEL_TRY(parameters.number("cursor", 0)),
      .limit = KEEL_TRY(read_limit(parameters)),
      .user_data_32 = KEEL_TRY(read_number32(parameters, "user_data_32")),
      .ledger = ledger::LedgerId(KEEL_TRY(read_number32(parameters, "ledger"))),
      .code = KEEL_TRY(read_code(parameters)),
      .flags = KEEL_TRY(read_order(parameters))};
}

Result<ledger::LedgerId> read_path_ledger(const Parameters& parameters) {
  const uint128 id = KEEL_TRY(parameters.path_id());
  if (id == 0 || id > UINT32_MAX)
    return Error(kBadParameter, "id in the path: expected a ledger, 1 to 4294967295");
  return ledger::LedgerId(static_cast<std::uint32_t>(id));
}

}  // namespace keel::servers
