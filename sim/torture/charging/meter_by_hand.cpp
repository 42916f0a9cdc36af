#include "sim/torture/charging/meter_by_hand.hpp"

#include <algorithm>

#include "base/hash/sha256.hpp"

namespace keel::torture {

namespace {

using charging::LineKind;
using charging::Rounding;
using charging::SessionFlag;

constexpr std::int64_t kMinutesADay = 1'440;

std::int64_t floor_of(std::int64_t value, std::int64_t unit) {
  return value >= 0 ? value / unit : -((-value + unit - 1) / unit);
}
std::int64_t second_of(Timestamp at) {
  return floor_of(at.ns, 1'000'000'000);
}

std::uint64_t rounded(uint128 value, uint128 unit, Rounding how) {
  const uint128 low = value / unit;
  const uint128 twice = (value - low * unit) * 2;
  bool up = false;
  if (how == Rounding::up) up = twice > 0;
  if (how == Rounding::half_up) up = twice >= unit;
  if (how == Rounding::half_even) up = twice > unit || (twice == unit && low % 2 == 1);
  return static_cast<std::uint64_t>(low + (up ? 1 : 0));
}

// Without the zeros at the end, as the records have it.
BoundedVector<std::uint64_t, charging::kMaxRates> listed(
    const std::array<std::uint64_t, charging::kMaxRates>& values) {
  BoundedVector<std::uint64_t, charging::kMaxRates> list;
  std::size_t used = values.size();
  while (used > 0 && values.at(used - 1) == 0) --used;
  for (std::size_t i = 0; i < used; ++i) static_cast<void>(list.try_push_back(values.at(i)));
  return list;
}

}  // namespace

MeterByHand::MeterByHand(charging::TariffTerms terms, Timestamp start, std::uint64_t register_wh)
    : terms_(std::move(terms)), first_wh_(register_wh) {
  usage_.counted_until = start;
  link(start, register_wh);
}

// The first window that holds the moment; a window over midnight is of the day that it began on.
std::size_t MeterByHand::rate_at(std::int64_t second) const {
  const std::int64_t minute = floor_of(second, 60) + terms_.utc_offset_minutes;
  const std::int64_t today = floor_of(minute, kMinutesADay);
  for (std::size_t i = 0; i < terms_.windows.size(); ++i) {
    const charging::Window& window = terms_.windows[i];
    std::int64_t length = std::int64_t{window.to_minute} - window.from_minute;
    if (length <= 0) length += kMinutesADay;
    for (const std::int64_t day : {today, today - 1}) {
      const std::int64_t since = minute - (day * kMinutesADay + window.from_minute);
      const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
      const bool that_day = window.weekdays == 0 || (window.weekdays >> weekday) % 2 == 1;
      if (that_day && since >= 0 && since < length) return i + 1;
    }
  }
  return 0;
}

void MeterByHand::link(Timestamp at, std::uint64_t register_wh) {
  usage_.readings_digest =
      sha256({usage_.readings_digest, object_bytes(at), object_bytes(register_wh)});
  ++usage_.readings;
  usage_.register_wh = register_wh;
  usage_.register_time = at;
  usage_.energy_wh = listed(energy_);
}

void MeterByHand::count_until(Timestamp at) {
  if (at <= usage_.counted_until) return;
  const std::int64_t end = second_of(at);
  std::int64_t second = second_of(usage_.counted_until);
  usage_.counted_until = at;
  if (usage_.idle) {
    usage_.idle_s += static_cast<std::uint64_t>(end - second);
    return;
  }
  while (second < end) {
    const std::int64_t next = std::min(end, (floor_of(second, 60) + 1) * 60);
    time_.at(rate_at(second)) += static_cast<std::uint64_t>(next - second);
    second = next;
  }
  usage_.time_s = listed(time_);
}

MeterByHand::Verdict MeterByHand::judge(Timestamp at, std::uint64_t register_wh) const {
  if (at == usage_.register_time && register_wh == usage_.register_wh) return {};
  if (at < usage_.register_time) return {.flag = SessionFlag::reading_out_of_order};
  if (register_wh < usage_.register_wh) return {.flag = SessionFlag::reading_went_back};
  return {.counts = true};
}

// Evenly over the time between: what has come by the end of each minute is rounded down.
void MeterByHand::read(Timestamp at, std::uint64_t register_wh) {
  const std::uint64_t all = register_wh - usage_.register_wh;
  const std::int64_t from = second_of(usage_.register_time);
  const std::int64_t end = second_of(at);
  std::uint64_t come = 0;
  for (std::int64_t second = from; second < end;) {
    const std::int64_t next = std::min(end, (floor_of(second, 60) + 1) * 60);
    const auto by_then =
        static_cast<std::uint64_t>(uint128{all} * static_cast<std::uint64_t>(next - from) /
                                   static_cast<std::uint64_t>(end - from));
    energy_.at(rate_at(second)) += by_then - come;
    come = by_then;
    second = next;
  }
  if (from == end) energy_.at(rate_at(from)) += all;
  link(at, register_wh);
}

void MeterByHand::idle(Timestamp at, bool idles) {
  count_until(at);
  usage_.idle = idles;
}

void MeterByHand::stop(Timestamp at, std::uint64_t register_wh, Timestamp most) {
  count_until(std::min(at, most));
  const Timestamp last = std::max(at, usage_.register_time);
  if (register_wh >= usage_.register_wh) return read(last, register_wh);
  // Less than a reading said: the highest rates give back first.
  std::uint64_t back = usage_.register_wh - std::max(register_wh, first_wh_);
  for (std::size_t i = energy_.size(); i > 0 && back > 0; --i) {
    const std::uint64_t taken = std::min(back, energy_.at(i - 1));
    energy_.at(i - 1) -= taken;
    back -= taken;
  }
  link(last, register_wh);
}

Timestamp MeterByHand::end(Timestamp most) {
  const Timestamp last = std::max(usage_.register_time, usage_.counted_until);
  count_until(std::min(last, most));
  return last;
}

MeterByHand::Price MeterByHand::price() const {
  Price price;
  uint128 sum = 0;
  const auto line = [&](LineKind kind, std::size_t rate, std::uint64_t quantity,
                        std::uint64_t unit_price, std::uint64_t units) {
    if (quantity == 0 || unit_price == 0) return;
    const std::uint64_t amount =
        rounded(uint128{quantity} * unit_price, uint128{10'000} * units, terms_.rounding);
    price.lines.push_back({.kind = kind,
                           .rate = static_cast<std::uint8_t>(rate),
                           .quantity = quantity,
                           .unit_price = unit_price,
                           .amount = amount});
    sum += amount;
  };
  line(LineKind::session_fee, 0, 1, terms_.session_fee, 1);
  for (std::size_t rate = 0; rate <= terms_.windows.size(); ++rate) {
    const std::uint64_t energy_price =
        rate == 0 ? terms_.energy_per_kwh : terms_.windows[rate - 1].energy_per_kwh;
    line(LineKind::energy, rate, energy_.at(rate), energy_price, 1'000);
  }
  for (std::size_t rate = 0; rate <= terms_.windows.size(); ++rate) {
    const std::uint64_t time_price =
        rate == 0 ? terms_.time_per_minute : terms_.windows[rate - 1].time_per_minute;
    line(LineKind::time, rate, time_.at(rate), time_price, 60);
  }
  const std::uint64_t grace = terms_.idle_grace_s;
  line(LineKind::idle, 0, usage_.idle_s - std::min(usage_.idle_s, grace), terms_.idle_per_minute,
       60);
  const uint128 points = terms_.tax_basis_points;
  const uint128 whole = terms_.prices_include_tax ? 10'000 + points : uint128{10'000};
  price.tax = rounded(sum * points, whole, terms_.rounding);
  price.net = static_cast<std::uint64_t>(sum) - (terms_.prices_include_tax ? price.tax : 0);
  return price;
}

}  // namespace keel::torture
