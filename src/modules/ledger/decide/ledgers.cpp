#include <algorithm>

#include "base/money.hpp"
#include "modules/ledger/decide/decisions.hpp"
#include "modules/ledger/errors.hpp"

namespace keel::ledger {
namespace {

bool exponent_fits(const LedgerSpec& spec) {
  const std::string_view code(spec.currency.data(), spec.currency.size());
  const Result<Currency> iso = Currency::iso(code);
  return iso.ok() ? iso->decimals() == spec.exponent : Currency::custom(code, spec.exponent).ok();
}

struct LedgerDecider {
  const Decision& decision;

  static bool is_linked(const LedgerSpec&) { return false; }

  void look_ahead(const LedgerSpec&) const {}

  LedgerCode judge(const LedgerSpec& spec, const LedgerRow* existing) const {
    using enum LedgerCode;
    if (spec.id.is_zero()) return id_must_not_be_zero;
    if (existing != nullptr) {
      if (spec.currency != existing->spec.currency) return exists_with_different_currency;
      return spec.exponent != existing->spec.exponent ? exists_with_different_exponent : exists;
    }
    const bool capital =
        std::ranges::all_of(spec.currency, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!capital) return currency_must_be_three_capital_letters;
    if (!exponent_fits(spec)) return exponent_does_not_fit_currency;
    return spec.timestamp.ns != 0 ? timestamp_must_be_zero : opened;
  }

  TransferResultWithBalances decide(const LedgerSpec& row, std::uint32_t index) const {
    const LedgerRow* existing = decision.state.find(decision.tenant(), row.id);
    const LedgerCode code = judge(row, existing);
    RowResult result{.index = index, .code = static_cast<std::uint32_t>(code)};
    if (code == LedgerCode::exists) result.timestamp = existing->spec.timestamp;
    if (code == LedgerCode::opened) {
      LedgerSpec fact = row;
      fact.timestamp = result.timestamp = decision.tx.next_timestamp();
      decision.tx.emit(LedgerOpened{fact});
    }
    return {.result = result};
  }

  void refused(const LedgerSpec&, const RowResult&) const {}
};

}  // namespace

Result<> open_ledgers(const Decision& decision, ByteView payload) {
  const auto [options, rows] = KEEL_TRY(read_batch<LedgerSpec>(payload));
  const auto& ledgers = decision.state.ledgers;
  if (ledgers.rows() + rows.size() > ledgers.max_rows()) {
    return Error(kLedgersFull, std::to_string(ledgers.rows()) + " of " +
                                   std::to_string(ledgers.max_rows()) + " ledgers are kept; " +
                                   std::to_string(rows.size()) + " more do not fit");
  }
  decide_rows(decision.tx, rows, reply_rows(decision.tx, rows.size(), sizeof(RowResult)),
              LedgerDecider{decision});
  return success();
}

}  // namespace keel::ledger
