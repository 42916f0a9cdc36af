#include "servers/ocpp/readings.hpp"

#include "base/checked.hpp"

namespace keel::servers {

using namespace ocpp::v16;

namespace {

constexpr std::size_t kMostDigits = 18;

std::int64_t factor_of(const SampledValue& value) {
  return value.unit == UnitOfMeasure::k_wh || value.unit == UnitOfMeasure::k_w ? 1'000 : 1;
}

bool is_energy(UnitOfMeasure unit) {
  return unit == UnitOfMeasure::wh || unit == UnitOfMeasure::k_wh;
}
bool is_power(UnitOfMeasure unit) {
  return unit == UnitOfMeasure::w || unit == UnitOfMeasure::k_w;
}
bool is_one_phase(Phase phase) {
  return phase == Phase::l1 || phase == Phase::l2 || phase == Phase::l3 || phase == Phase::l1_n ||
         phase == Phase::l2_n || phase == Phase::l3_n;
}

// A quantity that comes whole, or phase by phase.
struct Total {
  std::optional<std::int64_t> whole;
  std::optional<std::int64_t> phases;

  void add(const SampledValue& value, std::int64_t factor) {
    const std::optional<std::int64_t> amount = scaled_decimal(value.value, factor);
    if (!amount) return;
    if (!value.phase) whole = amount;
    if (!value.phase || !is_one_phase(*value.phase)) return;
    const std::optional<std::int64_t> sum = checked_add(phases.value_or(0), *amount);
    if (sum) phases = sum;
  }
  std::optional<std::int64_t> value() const { return whole ? whole : phases; }
};

}  // namespace

std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t factor) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() || whole.size() > kMostDigits || fraction.size() > kMostDigits ||
      (point != std::string_view::npos && fraction.empty()))
    return std::nullopt;
  constexpr std::string_view kDigits = "0123456789";
  if (whole.find_first_not_of(kDigits) != std::string_view::npos ||
      fraction.find_first_not_of(kDigits) != std::string_view::npos)
    return std::nullopt;
  std::int64_t amount = 0;
  for (const char digit : whole) amount = amount * 10 + (digit - '0');
  const std::optional<std::int64_t> scaled = checked_mul(amount, factor);
  if (!scaled) return std::nullopt;
  std::int64_t rest = 0;
  std::int64_t place = factor;
  for (; place >= 10 && !fraction.empty(); fraction.remove_prefix(1)) {
    place /= 10;
    rest += (fraction.front() - '0') * place;
  }
  const std::optional<std::int64_t> sum = checked_add(*scaled, rest);
  if (!sum) return std::nullopt;
  return negative ? -*sum : *sum;
}

charging::Reading reading_of(const MeterValue& value) {
  charging::Reading reading{.time = value.timestamp};
  Total energy;
  Total power;
  for (const SampledValue& each : value.sampled_value) {
    if (each.format == ValueFormat::signed_data) {
      if (each.value.size() <= charging::kMaxSignedReading)
        reading.signed_value.assign(as_bytes(each.value).begin(), as_bytes(each.value).end());
      continue;
    }
    switch (each.measurand.value_or(Measurand::energy_active_import_register)) {
      case Measurand::energy_active_import_register:
        if (is_energy(each.unit.value_or(UnitOfMeasure::wh))) energy.add(each, factor_of(each));
        break;
      case Measurand::power_active_import:
        if (is_power(each.unit.value_or(UnitOfMeasure::w))) power.add(each, factor_of(each));
        break;
      case Measurand::so_c: {
        const auto percent = scaled_decimal(each.value, 1);
        if (percent && *percent >= 0 && *percent <= 100)
          reading.charge_percent = static_cast<std::uint32_t>(*percent);
        break;
      }
      default:
        break;
    }
  }
  if (const auto wh = energy.value(); wh && *wh >= 0)
    reading.register_wh = static_cast<std::uint64_t>(*wh);
  reading.power_w = power.value();
  return reading;
}

std::vector<charging::Reading> readings_of(const std::vector<MeterValue>& values) {
  std::vector<charging::Reading> readings;
  readings.reserve(values.size());
  for (const MeterValue& each : values) readings.push_back(reading_of(each));
  return readings;
}

}  // namespace keel::servers
