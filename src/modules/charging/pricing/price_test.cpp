// No cent is lost or made: properties of pricing, against arithmetic of their own.
#include "modules/charging/pricing/price.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "modules/charging/errors.hpp"
#include "modules/charging/pricing/calendar.hpp"
#include "modules/charging/pricing/usage.hpp"

namespace keel::charging {
namespace {

template <typename T>
T within(T least, T most) {
  return *rc::gen::inRange<T>(least, static_cast<T>(most + 1));
}

Window any_window() {
  return {.from_minute = within<std::uint16_t>(0, 1439),
          .to_minute = within<std::uint16_t>(1, 1440),
          .weekdays = within<std::uint8_t>(0, 127),
          .energy_per_kwh = within<std::uint64_t>(0, 2'000'000),
          .time_per_minute = within<std::uint64_t>(0, 2'000'000)};
}

TariffTerms any_terms() {
  TariffTerms terms{.currency = "EUR",
                    .session_fee = within<std::uint64_t>(0, 5'000'000),
                    .energy_per_kwh = within<std::uint64_t>(0, 2'000'000),
                    .time_per_minute = within<std::uint64_t>(0, 2'000'000),
                    .idle_per_minute = within<std::uint64_t>(0, 2'000'000),
                    .idle_grace_s = within<std::uint32_t>(0, 3'600),
                    .utc_offset_minutes = within<std::int16_t>(-840, 840),
                    .tax_basis_points = within<std::uint16_t>(0, 10'000),
                    .prices_include_tax = within(0, 1) == 1,
                    .rounding = Rounding{within<std::uint8_t>(0, 3)}};
  for (int windows = within(0, 7); windows > 0; --windows) {
    RC_ASSERT(terms.windows.try_push_back(any_window()));
  }
  RC_ASSERT(check_terms(terms).ok());
  return terms;
}

// The fraction above or below what was rounded, in divisor parts, says which way it must have gone.
void expect_rounded(uint128 numerator, uint128 divisor, uint128 rounded, Rounding rounding) {
  const auto exact = static_cast<int128>(numerator);
  const auto got = static_cast<int128>(rounded * divisor);
  const int128 error = got - exact;
  const auto whole = static_cast<int128>(divisor);
  switch (rounding) {
    case Rounding::down:
      RC_ASSERT(error <= 0 && error > -whole);
      break;
    case Rounding::up:
      RC_ASSERT(error >= 0 && error < whole);
      break;
    case Rounding::half_up:
      RC_ASSERT(2 * error <= whole && 2 * error > -whole);
      break;
    case Rounding::half_even:
      RC_ASSERT(2 * error <= whole && 2 * error >= -whole);
      if (2 * error == whole || 2 * error == -whole) RC_ASSERT(rounded % 2 == 0);
      break;
  }
}

RC_GTEST_PROP(ChargingPrice, sums_lines_and_splits_tax_exactly, ()) {
  const TariffTerms terms = any_terms();
  Usage usage{.idle_s = within<std::uint64_t>(0, 100'000)};
  for (std::size_t rate = 0; rate <= terms.windows.size(); ++rate) {
    RC_ASSERT(usage.energy_wh.try_push_back(within<std::uint64_t>(0, 500'000)));
    RC_ASSERT(usage.time_s.try_push_back(within<std::uint64_t>(0, 500'000)));
  }
  const Bill bill = price(terms, usage);
  uint128 sum = 0;
  for (const PriceLine& line : bill.lines) {
    const std::uint64_t units = line.kind == LineKind::session_fee ? 1
                                : line.kind == LineKind::energy    ? 1'000
                                                                   : 60;
    expect_rounded(uint128{line.quantity} * line.unit_price, uint128{10'000} * units, line.amount,
                   terms.rounding);
    sum += line.amount;
  }
  RC_ASSERT(bill.lines.size() <= kMaxLines);
  const uint128 points = terms.tax_basis_points;
  if (terms.prices_include_tax) {
    RC_ASSERT(uint128{bill.net} + bill.tax == sum);
    expect_rounded(sum * points, 10'000 + points, bill.tax, terms.rounding);
  } else {
    RC_ASSERT(bill.net == sum);
    expect_rounded(sum * points, 10'000, bill.tax, terms.rounding);
  }
}

// Of what is drawn above nothing lies in the middle between two cents.
TEST(ChargingPrice, rounds_what_lies_in_the_middle_as_its_rule_says) {
  struct Case {
    Rounding rounding;
    std::array<std::uint64_t, 4> amounts;
  };
  for (const auto& [rounding, amounts] :
       {Case{Rounding::down, {0, 1, 2, 3}}, Case{Rounding::up, {1, 2, 3, 4}},
        Case{Rounding::half_up, {1, 2, 3, 4}}, Case{Rounding::half_even, {0, 2, 2, 4}}}) {
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      // A cent a kWh, and i and a half of them; then a tax of a half on i and a half times two.
      const TariffTerms energy{.energy_per_kwh = 10'000, .rounding = rounding};
      Usage usage;
      ASSERT_TRUE(usage.energy_wh.try_push_back(1'000 * i + 500));
      ASSERT_TRUE(usage.time_s.try_push_back(0));
      EXPECT_EQ(price(energy, usage).net, amounts.at(i));
      const TariffTerms taxed{
          .session_fee = 10'000 * (2 * i + 1), .tax_basis_points = 5'000, .rounding = rounding};
      EXPECT_EQ(price(taxed, usage).tax, amounts.at(i));
      EXPECT_EQ(price(taxed, usage).net, 2 * i + 1);
    }
  }
}

// Second by second: slow, and nothing like the code.
std::uint8_t rate_of_second(const TariffTerms& terms, std::int64_t second) {
  const std::int64_t local = second + terms.utc_offset_minutes * 60 + 100 * 7 * 86'400;
  for (std::size_t i = 0; i < terms.windows.size(); ++i) {
    const Window& w = terms.windows[i];
    const std::int64_t length = w.to_minute > w.from_minute ? w.to_minute - w.from_minute
                                                            : 1'440 - w.from_minute + w.to_minute;
    for (std::int64_t day = local / 86'400 - 1; day <= local / 86'400; ++day) {
      if (w.weekdays != 0 && (w.weekdays >> ((day + 3) % 7) & 1) == 0) continue;
      const std::int64_t begins = day * 86'400 + w.from_minute * 60;
      if (local >= begins && local < begins + length * 60) return static_cast<std::uint8_t>(i + 1);
    }
  }
  return 0;
}

RC_GTEST_PROP(ChargingCalendar, cuts_time_where_the_rate_changes, ()) {
  const TariffTerms terms = any_terms();
  const auto from = within<std::int64_t>(-200'000, 2'000'000'000);
  const Stretch all{from, from + within<std::int64_t>(0, 250'000)};
  std::int64_t at = all.from_s;
  for_each_rate(terms, all, [&](std::uint8_t rate, Stretch piece) {
    RC_ASSERT(piece.from_s == at);
    RC_ASSERT(piece.to_s > piece.from_s);
    at = piece.to_s;
    RC_ASSERT(rate == rate_of_second(terms, piece.from_s));
    RC_ASSERT(rate == rate_of_second(terms, piece.to_s - 1));
    RC_ASSERT(rate == rate_of_second(terms, (piece.from_s + piece.to_s) / 2));
  });
  RC_ASSERT(at == all.to_s);
}

RC_GTEST_PROP(ChargingUsage, loses_no_watt_hour_and_no_second, ()) {
  const TariffTerms terms = any_terms();
  Timestamp now{within<std::int64_t>(0, 2'000'000'000) * 1'000'000'000};
  const Timestamp start = now;
  std::uint64_t register_wh = within<std::uint64_t>(0, 1'000'000);
  const std::uint64_t start_wh = register_wh;
  UsageRow usage = begin_usage({.time = now, .register_wh = register_wh});
  for (int step = within(0, 20); step > 0; --step) {
    now = now + Duration::nanoseconds(within<std::int64_t>(0, 20'000'000'000'000));
    register_wh += within<std::uint64_t>(0, 30'000);
    if (within(0, 2) == 0) {
      count_time(usage, terms, now);
      usage.idle ^= 1;
    }
    count_reading(usage, terms, {.time = now, .register_wh = register_wh});
  }
  const std::uint64_t stop_wh =
      within(0, 4) == 0 ? within<std::uint64_t>(0, register_wh) : register_wh;
  count_time(usage, terms, now);
  count_stop(usage, terms, {.time = now, .register_wh = stop_wh}, start_wh);
  std::uint64_t energy = 0;
  for (const std::uint64_t one : usage.energy_wh) energy += one;
  std::uint64_t seconds = usage.idle_s;
  for (const std::uint64_t one : usage.time_s) seconds += one;
  RC_ASSERT(energy == (stop_wh > start_wh ? stop_wh - start_wh : 0));
  RC_ASSERT(seconds == static_cast<std::uint64_t>(seconds_of(now) - seconds_of(start)));
}

TEST(ChargingTariff, refuses_what_makes_no_sense) {
  const auto refused = [](auto change) {
    TariffTerms terms{.currency = "EUR"};
    change(terms);
    const Result<> checked = check_terms(terms);
    return !checked.ok() && checked.error().is(kBadTariff);
  };
  EXPECT_FALSE(refused([](TariffTerms&) {}));
  EXPECT_TRUE(refused([](TariffTerms& t) { t.currency = "eur"; }));
  EXPECT_TRUE(refused([](TariffTerms& t) { t.energy_per_kwh = kMaxPrice + 1; }));
  EXPECT_TRUE(refused([](TariffTerms& t) { t.tax_basis_points = 10'001; }));
  EXPECT_TRUE(refused([](TariffTerms& t) { t.utc_offset_minutes = 841; }));
  EXPECT_TRUE(refused([](TariffTerms& t) { EXPECT_TRUE(t.windows.try_push_back({})); }));
  EXPECT_TRUE(refused([](TariffTerms& t) { t.name = std::string(65, 'n'); }));
}

TEST(ChargingPrice, stays_within_64_bits_at_its_bounds) {
  TariffTerms terms{.currency = "EUR",
                    .session_fee = kMaxPrice,
                    .energy_per_kwh = kMaxPrice,
                    .time_per_minute = kMaxPrice,
                    .idle_per_minute = kMaxPrice,
                    .tax_basis_points = 10'000};
  Usage usage{.idle_s = 31 * 86'400};
  ASSERT_TRUE(usage.energy_wh.try_push_back(kMaxRegister));
  ASSERT_TRUE(usage.time_s.try_push_back(31 * 86'400));
  const Bill bill = price(terms, usage);
  EXPECT_EQ(bill.tax, bill.net);
  EXPECT_GT(bill.total(), kMaxRegister / 1'000 * (kMaxPrice / kPriceScale));
}

}  // namespace
}  // namespace keel::charging
