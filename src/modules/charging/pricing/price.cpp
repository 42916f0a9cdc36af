#include "modules/charging/pricing/price.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"
#include "modules/charging/errors.hpp"

namespace keel::charging {
namespace {

constexpr std::uint64_t kBasisPoints = 10'000;

// How many units of quantity a price is for.
std::uint64_t units_of(LineKind kind) {
  switch (kind) {
    case LineKind::session_fee:
      return 1;
    case LineKind::energy:
      return 1'000;  // Wh in a kWh
    case LineKind::time:
    case LineKind::idle:
      return 60;  // seconds in a minute
  }
  return 1;
}

void add_line(Bill& bill, Rounding rounding, PriceLine line) {
  if (line.quantity == 0 || line.unit_price == 0) return;
  const uint128 exact = uint128{line.quantity} * line.unit_price;
  line.amount =
      static_cast<Amount>(divide(exact, uint128{kPriceScale} * units_of(line.kind), rounding));
  bill.lines.push_back(line);
}

Error bad(std::string_view field, std::uint64_t got, std::uint64_t most) {
  return {kBadTariff, std::string(field) + ": got " + std::to_string(got) + ", at most " +
                          std::to_string(most)};
}

Result<> check_price(std::string_view field, std::uint64_t price) {
  if (price > kMaxPrice) return bad(field, price, kMaxPrice);
  return success();
}

Result<> check_window(const Window& window) {
  if (window.from_minute > 1439) return bad("windows.from_minute", window.from_minute, 1439);
  if (window.to_minute > 1440) return bad("windows.to_minute", window.to_minute, 1440);
  if (window.to_minute == 0) return Error(kBadTariff, "windows.to_minute: got 0, 1 to 1440");
  if (window.weekdays > 127) return bad("windows.weekdays", window.weekdays, 127);
  KEEL_TRY(check_price("windows.energy_per_kwh", window.energy_per_kwh));
  return check_price("windows.time_per_minute", window.time_per_minute);
}

}  // namespace

uint128 divide(uint128 numerator, uint128 divisor, Rounding rounding) {
  const uint128 whole = numerator / divisor;
  const uint128 rest = numerator % divisor;
  switch (rounding) {
    case Rounding::down:
      return whole;
    case Rounding::up:
      return rest == 0 ? whole : whole + 1;
    case Rounding::half_up:
      return rest >= divisor - rest ? whole + 1 : whole;
    case Rounding::half_even:
      if (rest == divisor - rest) return whole + whole % 2;
      return rest > divisor - rest ? whole + 1 : whole;
  }
  return whole;
}

Bill price(const TariffTerms& terms, const Usage& usage) {
  Bill bill;
  const auto add = [&](LineKind kind, std::size_t rate, std::uint64_t quantity,
                       std::uint64_t unit_price) {
    add_line(bill, terms.rounding,
             {.kind = kind,
              .rate = static_cast<std::uint8_t>(rate),
              .quantity = quantity,
              .unit_price = unit_price});
  };
  add(LineKind::session_fee, 0, 1, terms.session_fee);
  for (std::size_t rate = 0; rate < usage.energy_wh.size(); ++rate) {
    add(LineKind::energy, rate, usage.energy_wh[rate],
        rate == 0 ? terms.energy_per_kwh : terms.windows[rate - 1].energy_per_kwh);
  }
  for (std::size_t rate = 0; rate < usage.time_s.size(); ++rate) {
    add(LineKind::time, rate, usage.time_s[rate],
        rate == 0 ? terms.time_per_minute : terms.windows[rate - 1].time_per_minute);
  }
  const std::uint64_t grace = terms.idle_grace_s;
  add(LineKind::idle, 0, usage.idle_s > grace ? usage.idle_s - grace : 0, terms.idle_per_minute);

  Amount sum = 0;
  for (const PriceLine& line : bill.lines) sum += line.amount;
  const std::uint64_t points = terms.tax_basis_points;
  if (terms.prices_include_tax) {
    bill.tax =
        static_cast<Amount>(divide(uint128{sum} * points, kBasisPoints + points, terms.rounding));
    bill.net = sum - bill.tax;
  } else {
    bill.tax = static_cast<Amount>(divide(uint128{sum} * points, kBasisPoints, terms.rounding));
    bill.net = sum;
  }
  return bill;
}

Result<> check_terms(const TariffTerms& terms) {
  if (terms.name.size() > kMaxShortText)
    return bad("name (bytes)", terms.name.size(), kMaxShortText);
  if (terms.name.contains('\0') || !is_utf8(terms.name))
    return Error(kBadTariff, "name: not a text");
  if (terms.currency.size() != 3 ||
      !std::ranges::all_of(terms.currency, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return Error(kBadTariff, "currency: three capital letters are wanted");
  }
  KEEL_TRY(check_price("session_fee", terms.session_fee));
  KEEL_TRY(check_price("energy_per_kwh", terms.energy_per_kwh));
  KEEL_TRY(check_price("time_per_minute", terms.time_per_minute));
  KEEL_TRY(check_price("idle_per_minute", terms.idle_per_minute));
  if (terms.utc_offset_minutes < -14 * 60 || terms.utc_offset_minutes > 14 * 60) {
    return Error(kBadTariff, "utc_offset_minutes: got " + std::to_string(terms.utc_offset_minutes) +
                                 ", -840 to 840");
  }
  if (terms.tax_basis_points > kBasisPoints) {
    return bad("tax_basis_points", terms.tax_basis_points, kBasisPoints);
  }
  for (const Window& window : terms.windows) KEEL_TRY(check_window(window));
  return success();
}

}  // namespace keel::charging
