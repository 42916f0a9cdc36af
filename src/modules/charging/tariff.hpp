// Tariff: what a session costs. A tariff is a number with versions; a version never changes once it
// is published, and a session keeps the version that it began with. docs/tariffs.md shows examples.
//
// Prices are integers: ten-thousandths of a minor unit (0.0001 cent), so that 30.55 cents a kWh are
// 305'500. All arithmetic is integer, with 128-bit products; pricing/price.hpp says where the one
// rounding happens.
#pragma once

#include <algorithm>

#include "base/bounded_vector.hpp"
#include "modules/charging/types.hpp"

namespace keel::charging {

inline constexpr std::uint64_t kPriceScale = 10'000;
inline constexpr std::uint64_t kMaxPrice = 1'000'000'000'000;  // 10^8 minor units
inline constexpr std::size_t kMaxWindows = 7;
inline constexpr std::size_t kMaxRates = kMaxWindows + 1;  // 0: outside of all windows

enum class Rounding : std::uint8_t {
  half_up = 0,    // 0.5 -> 1
  half_even = 1,  // 0.5 -> 0, 1.5 -> 2
  down = 2,
  up = 3,
};
constexpr auto description(std::type_identity<Rounding>) {
  using enum Rounding;
  return describe_enum<Rounding>("keel.charging.Rounding", enumerator("half_up", half_up),
                                 enumerator("half_even", half_even), enumerator("down", down),
                                 enumerator("up", up));
}

// Other prices at some hours, in the tariff's own offset from UTC; the first window that holds a
// moment counts.
struct Window {
  std::uint16_t from_minute = 0;  // of the day, 0 to 1439
  std::uint16_t to_minute = 0;    // exclusive, 1 to 1440; not after `from`: until the next day's
  std::uint8_t weekdays = 0;      // bit 0 Monday … bit 6 Sunday, of its beginning; 0: every day
  std::uint64_t energy_per_kwh = 0;
  std::uint64_t time_per_minute = 0;

  friend bool operator==(const Window&, const Window&) = default;
  static constexpr auto description() {
    return describe<Window>(
        "keel.charging.Window",
        field<1>("from_minute", &Window::from_minute, doc("Of the day, 0 to 1439.")),
        field<2>("to_minute", &Window::to_minute,
                 doc("Exclusive, 1 to 1440; not after from_minute: goes on into the next day.")),
        field<3>("weekdays", &Window::weekdays,
                 doc("Bit 0 Monday to bit 6 Sunday, of its beginning; 0: every day.")),
        field<4>("energy_per_kwh", &Window::energy_per_kwh,
                 doc("Ten-thousandths of a minor unit.")),
        field<5>("time_per_minute", &Window::time_per_minute,
                 doc("Ten-thousandths of a minor unit.")));
  }
};

struct TariffTerms {
  std::string name;
  std::string currency;  // that of the tenant's ledger
  std::uint64_t session_fee = 0;
  std::uint64_t energy_per_kwh = 0;     // outside of all windows
  std::uint64_t time_per_minute = 0;    // of a session but while it idles
  std::uint64_t idle_per_minute = 0;    // after the grace, while the vehicle takes nothing
  std::uint32_t idle_grace_s = 0;       // of a session in all
  std::int16_t utc_offset_minutes = 0;  // of the windows; fixed, without summer time
  BoundedVector<Window, kMaxWindows> windows;
  std::uint16_t tax_basis_points = 0;  // 1900: 19 %
  bool prices_include_tax = false;
  Rounding rounding = Rounding::half_up;

  friend bool operator==(const TariffTerms&, const TariffTerms&) = default;
  static constexpr auto description() {
    return describe<TariffTerms>(
        "keel.charging.TariffTerms", field<1>("name", &TariffTerms::name),
        field<2>("currency", &TariffTerms::currency, required(), doc("That of the ledger.")),
        field<3>("session_fee", &TariffTerms::session_fee,
                 doc("All prices: ten-thousandths of a minor unit.")),
        field<4>("energy_per_kwh", &TariffTerms::energy_per_kwh, doc("Outside of all windows.")),
        field<5>("time_per_minute", &TariffTerms::time_per_minute,
                 doc("Of a session, but while it idles.")),
        field<6>("idle_per_minute", &TariffTerms::idle_per_minute,
                 doc("After the grace, while the vehicle takes nothing.")),
        field<7>("idle_grace_s", &TariffTerms::idle_grace_s, doc("Of a session in all.")),
        field<8>("utc_offset_minutes", &TariffTerms::utc_offset_minutes,
                 doc("Of the windows; fixed, without summer time.")),
        field<9>("windows", &TariffTerms::windows, doc("The first that holds a moment counts.")),
        field<10>("tax_basis_points", &TariffTerms::tax_basis_points, doc("1900: 19 %.")),
        field<11>("prices_include_tax", &TariffTerms::prices_include_tax),
        field<12>("rounding", &TariffTerms::rounding, doc("Of each line, and of the tax.")));
  }
};

enum class LineKind : std::uint8_t { session_fee = 0, energy = 1, time = 2, idle = 3 };
constexpr auto description(std::type_identity<LineKind>) {
  using enum LineKind;
  return describe_enum<LineKind>("keel.charging.LineKind", enumerator("session_fee", session_fee),
                                 enumerator("energy", energy), enumerator("time", time),
                                 enumerator("idle", idle));
}

// A line of a bill: amount = round(quantity * unit_price / (kPriceScale * units a price is for)).
struct PriceLine {
  LineKind kind = LineKind::session_fee;
  std::uint8_t rate = 0;         // 0: outside of all windows; n: the nth window, from 1
  std::uint64_t quantity = 0;    // energy: Wh; time and idle: seconds; session fee: 1
  std::uint64_t unit_price = 0;  // energy: of a kWh; time and idle: of a minute
  Amount amount = 0;

  friend bool operator==(const PriceLine&, const PriceLine&) = default;
  static constexpr auto description() {
    return describe<PriceLine>(
        "keel.charging.PriceLine", field<1>("kind", &PriceLine::kind),
        field<2>("rate", &PriceLine::rate,
                 doc("0: outside of all windows; n: the nth window, from 1.")),
        field<3>("quantity", &PriceLine::quantity,
                 doc("Energy: Wh. Time and idle: seconds. Session fee: 1.")),
        field<4>("unit_price", &PriceLine::unit_price,
                 doc("Of a kWh or a minute, in ten-thousandths of a minor unit.")),
        field<5>("amount", &PriceLine::amount, doc("Minor units.")));
  }
};
inline constexpr std::size_t kMaxLines = 2 + 2 * kMaxRates;

}  // namespace keel::charging
