#include "servers/ocpp/readings.hpp"

#include "base/checked.hpp"
#include "base/text/scaled_decimal.hpp"

namespace keel::servers {

using namespace ocpp::v16;

namespace {

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

charging::Reading reading_of(const MeterValue& value) {
  charging::Reading reading{.time = value.timestamp};
  Total energy;
  Total power;
  for (const SampledValue& each : value.sampled_value) {
    if (each.format == ValueFormat::signed_data) continue;
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

// A reading has one signed value: the last; each that came before it in the same meter value has a
// reading of its own.
std::vector<charging::Reading> readings_of(const std::vector<MeterValue>& values) {
  std::vector<charging::Reading> readings;
  readings.reserve(values.size());
  for (const MeterValue& value : values) {
    charging::Reading reading = reading_of(value);
    for (const SampledValue& each : value.sampled_value) {
      if (each.format != ValueFormat::signed_data) continue;
      if (!reading.signed_value.empty()) {
        readings.push_back({.time = value.timestamp, .signed_value = reading.signed_value});
      }
      reading.signed_value.assign(as_bytes(each.value).begin(), as_bytes(each.value).end());
    }
    readings.push_back(std::move(reading));
  }
  return readings;
}

}  // namespace keel::servers
