// Tariffs and usage as JSON, as an operator's tool sends them. What must hold for any bytes:
//   1. Terms that are accepted are within their bounds, and are the same after being written again.
//   2. A bill of any usage within the bounds of a session is made of lines that are not zero, its
//      sum and its tax are exact, and it is the same when it is made again.
//   3. Terms that are refused are refused with a field's name.

#include "modules/charging/pricing/price.hpp"

#include <algorithm>

#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "fuzz/fuzz_target.hpp"

namespace keel::fuzz {
namespace {

using charging::Bill;
using charging::TariffTerms;
using charging::Usage;

struct Input {
  TariffTerms terms;
  Usage usage;
  static constexpr auto description() {
    return describe<Input>("keel.fuzz.Tariff", field<1>("terms", &Input::terms),
                           field<2>("usage", &Input::usage));
  }
};

// What a session can have used: 31 days, a terawatt-hour, no more rates than the tariff has.
void bound(Usage& usage, std::size_t rates) {
  while (usage.energy_wh.size() > rates) usage.energy_wh.pop_back();
  while (usage.time_s.size() > rates) usage.time_s.pop_back();
  for (auto& energy : usage.energy_wh) energy %= 100'000'000'001;
  for (auto& time : usage.time_s) time %= 31 * 86'400 + 1;
  usage.idle_s %= 31 * 86'400 + 1;
}

void check(const TariffTerms& terms, const Usage& usage) {
  const Bill bill = charging::price(terms, usage);
  KEEL_ASSERT(bill.lines.size() <= charging::kMaxLines);
  uint128 sum = 0;
  for (const charging::PriceLine& line : bill.lines) {
    KEEL_ASSERT(line.quantity > 0);
    KEEL_ASSERT(line.unit_price > 0);
    sum += line.amount;
  }
  KEEL_ASSERT(sum == (terms.prices_include_tax ? uint128{bill.net} + bill.tax : bill.net));
  KEEL_ASSERT(bill.tax <= sum);
  KEEL_ASSERT(bill == charging::price(terms, usage));
}

void check_input(ByteView bytes) {
  auto input = from_json<Input>(as_text(bytes));
  if (!input.ok()) return;
  const Result<> accepted = charging::check_terms(input->terms);
  if (!accepted.ok()) {
    KEEL_ASSERT(accepted.error().detail().contains(':'));
    return;
  }
  Bytes wire;
  encode(input->terms, wire);
  KEEL_ASSERT(decode<TariffTerms>(wire).value() == input->terms);
  bound(input->usage, input->terms.windows.size() + 1);
  check(input->terms, input->usage);
}

}  // namespace
}  // namespace keel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keel::fuzz::check_input(keel::fuzz::input_bytes(data, size));
  return 0;
}
