#include "modules/charging/decide/ledger_calls.hpp"

#include <algorithm>

namespace keel::charging {
namespace {

// The code of a command of one row. Its answer does not become ours.
template <typename Row>
Result<std::uint32_t> ask(const Decision& d, kernel::CommandType type, const Row& row) {
  Bytes payload;
  append(payload, object_bytes(ledger::BatchHeader{}));
  append(payload, object_bytes(row));
  kernel::Command command = *d.command;
  command.type = type;
  command.payload = payload;
  Bytes& reply = d.tx.reply();
  const std::size_t before = reply.size();
  KEEL_TRY(d.ledger.decide(d.tx, command, d.context));
  const auto result =
      KEEL_TRY(ByteReader(ByteView(reply).subspan(before)).read_object<ledger::RowResult>());
  reply.resize(before);
  return result.code;
}

}  // namespace

Result<bool> open_ledger(const Decision& d, const Settings& settings) {
  ledger::LedgerSpec spec{.id = ledger::LedgerId(settings.ledger), .exponent = settings.exponent};
  if (settings.currency.size() != spec.currency.size()) return false;
  std::ranges::copy(settings.currency, spec.currency.begin());
  const std::uint32_t code = KEEL_TRY(ask(d, ledger::kOpenLedgers, spec));
  return code == static_cast<std::uint32_t>(ledger::LedgerCode::opened) ||
         code == static_cast<std::uint32_t>(ledger::LedgerCode::exists);
}

Result<bool> open_account(const Decision& d, const ledger::AccountSpec& spec) {
  const std::uint32_t code = KEEL_TRY(ask(d, ledger::kCreateAccounts, spec));
  return code == static_cast<std::uint32_t>(ledger::AccountCode::created) ||
         code == static_cast<std::uint32_t>(ledger::AccountCode::exists);
}

Result<ledger::TransferCode> post_one(const Decision& d, ledger::Transfer transfer) {
  ledger::RowResult result;
  KEEL_TRY(d.ledger.post_new(d.tx, d.context, std::span(&transfer, 1), std::span(&result, 1)));
  if (d.emitted != nullptr) ++*d.emitted;
  return static_cast<ledger::TransferCode>(result.code);
}

}  // namespace keel::charging
