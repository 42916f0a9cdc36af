#include "servers/api/documents/document.hpp"

#include "base/ids.hpp"
#include "servers/api/documents/document_bodies.hpp"

namespace keel::servers {

using runtime::Task;
using runtime::Wait;

Task<Result<engine::Answer>> Document::ask(kernel::QueryType type, Bytes payload, Wait wait) {
  const kernel::Query query{.tenant = context_.caller.tenant,
                            .principal = context_.caller.principal,
                            .type = type,
                            .payload = payload};
  co_return co_await context_.cell.query(query, wait);
}

CutAtList cut_at_list(std::string_view json, std::string_view list) {
  const std::string empty = "\"" + std::string(list) + "\":[]";
  const auto found = json.find(empty);
  KEEL_ASSERT(found != std::string_view::npos);
  const std::size_t cut = found + empty.size() - 1;
  return {.before = std::string(json.substr(0, cut)), .after = std::string(json.substr(cut))};
}

std::string signed_balance(const ledger::Balances& balances) {
  const bool negative = balances.debits_posted > balances.credits_posted;
  const ledger::Amount distance = negative ? balances.debits_posted - balances.credits_posted
                                           : balances.credits_posted - balances.debits_posted;
  return (negative ? "-" : "") + to_decimal(distance);
}

void BalancePages::restart_at(Timestamp at) {
  query_.at = at;
  query_.accounts.cursor = 0;
  query_.next_transfer = 0;
  query_.carried = {};
  at_end_ = false;
}

Bytes BalancePages::payload() const {
  Bytes payload;
  append(payload, object_bytes(query_));
  append(payload, ids_);
  return payload;
}

Result<> BalancePages::take(ByteView answer, std::vector<ledger::Account>& rows) {
  ByteReader reader(answer);
  const auto header = KEEL_TRY(reader.read_object<ledger::BalancesAtHeader>());
  while (!reader.empty()) rows.push_back(KEEL_TRY(reader.read_object<ledger::Account>()));
  query_.accounts.cursor = header.next_cursor;
  query_.next_transfer = header.next_transfer;
  query_.carried = header.carried;
  at_end_ = header.next_cursor == 0;
  return success();
}

}  // namespace keel::servers
