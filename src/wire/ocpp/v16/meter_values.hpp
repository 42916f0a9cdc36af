// Meter values (OCPP 1.6 edition 2, sections 7.31 to 7.45): what MeterValues and StopTransaction
// carry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"

namespace keel::ocpp::v16 {

enum class ReadingContext : std::uint8_t {
  interruption_begin,
  interruption_end,
  sample_clock,
  sample_periodic,
  transaction_begin,
  transaction_end,
  trigger,
  other,
};
constexpr auto description(std::type_identity<ReadingContext>) {
  using enum ReadingContext;
  return describe_enum<ReadingContext>(
      "ocpp16.ReadingContext", enumerator("Interruption.Begin", interruption_begin),
      enumerator("Interruption.End", interruption_end), enumerator("Sample.Clock", sample_clock),
      enumerator("Sample.Periodic", sample_periodic),
      enumerator("Transaction.Begin", transaction_begin),
      enumerator("Transaction.End", transaction_end), enumerator("Trigger", trigger),
      enumerator("Other", other));
}

enum class ValueFormat : std::uint8_t {
  raw,
  signed_data,
};
constexpr auto description(std::type_identity<ValueFormat>) {
  using enum ValueFormat;
  return describe_enum<ValueFormat>("ocpp16.ValueFormat", enumerator("Raw", raw),
                                    enumerator("SignedData", signed_data));
}

enum class Measurand : std::uint8_t {
  energy_active_export_register,
  energy_active_import_register,
  energy_reactive_export_register,
  energy_reactive_import_register,
  energy_active_export_interval,
  energy_active_import_interval,
  energy_reactive_export_interval,
  energy_reactive_import_interval,
  power_active_export,
  power_active_import,
  power_offered,
  power_reactive_export,
  power_reactive_import,
  power_factor,
  current_import,
  current_export,
  current_offered,
  voltage,
  frequency,
  temperature,
  so_c,
  rpm,
};
constexpr auto description(std::type_identity<Measurand>) {
  using enum Measurand;
  return describe_enum<Measurand>(
      "ocpp16.Measurand",
      enumerator("Energy.Active.Export.Register", energy_active_export_register),
      enumerator("Energy.Active.Import.Register", energy_active_import_register),
      enumerator("Energy.Reactive.Export.Register", energy_reactive_export_register),
      enumerator("Energy.Reactive.Import.Register", energy_reactive_import_register),
      enumerator("Energy.Active.Export.Interval", energy_active_export_interval),
      enumerator("Energy.Active.Import.Interval", energy_active_import_interval),
      enumerator("Energy.Reactive.Export.Interval", energy_reactive_export_interval),
      enumerator("Energy.Reactive.Import.Interval", energy_reactive_import_interval),
      enumerator("Power.Active.Export", power_active_export),
      enumerator("Power.Active.Import", power_active_import),
      enumerator("Power.Offered", power_offered),
      enumerator("Power.Reactive.Export", power_reactive_export),
      enumerator("Power.Reactive.Import", power_reactive_import),
      enumerator("Power.Factor", power_factor), enumerator("Current.Import", current_import),
      enumerator("Current.Export", current_export), enumerator("Current.Offered", current_offered),
      enumerator("Voltage", voltage), enumerator("Frequency", frequency),
      enumerator("Temperature", temperature), enumerator("SoC", so_c), enumerator("RPM", rpm));
}

enum class Phase : std::uint8_t {
  l1,
  l2,
  l3,
  n,
  l1_n,
  l2_n,
  l3_n,
  l1_l2,
  l2_l3,
  l3_l1,
};
constexpr auto description(std::type_identity<Phase>) {
  using enum Phase;
  return describe_enum<Phase>("ocpp16.Phase", enumerator("L1", l1), enumerator("L2", l2),
                              enumerator("L3", l3), enumerator("N", n), enumerator("L1-N", l1_n),
                              enumerator("L2-N", l2_n), enumerator("L3-N", l3_n),
                              enumerator("L1-L2", l1_l2), enumerator("L2-L3", l2_l3),
                              enumerator("L3-L1", l3_l1));
}

enum class Location : std::uint8_t {
  cable,
  ev,
  inlet,
  outlet,
  body,
};
constexpr auto description(std::type_identity<Location>) {
  using enum Location;
  return describe_enum<Location>("ocpp16.Location", enumerator("Cable", cable),
                                 enumerator("EV", ev), enumerator("Inlet", inlet),
                                 enumerator("Outlet", outlet), enumerator("Body", body));
}

enum class UnitOfMeasure : std::uint8_t {
  wh,
  k_wh,
  varh,
  kvarh,
  w,
  k_w,
  va,
  k_va,
  var,
  kvar,
  a,
  v,
  k,
  celcius,
  celsius,
  fahrenheit,
  percent,
};
constexpr auto description(std::type_identity<UnitOfMeasure>) {
  using enum UnitOfMeasure;
  return describe_enum<UnitOfMeasure>(
      "ocpp16.UnitOfMeasure", enumerator("Wh", wh), enumerator("kWh", k_wh),
      enumerator("varh", varh), enumerator("kvarh", kvarh), enumerator("W", w),
      enumerator("kW", k_w), enumerator("VA", va), enumerator("kVA", k_va), enumerator("var", var),
      enumerator("kvar", kvar), enumerator("A", a), enumerator("V", v), enumerator("K", k),
      enumerator("Celcius", celcius), enumerator("Celsius", celsius),
      enumerator("Fahrenheit", fahrenheit), enumerator("Percent", percent));
}

struct SampledValue {
  std::string value;
  std::optional<ReadingContext> context;
  std::optional<ValueFormat> format;
  std::optional<Measurand> measurand;
  std::optional<Phase> phase;
  std::optional<Location> location;
  std::optional<UnitOfMeasure> unit;
  static constexpr auto description() {
    return describe<SampledValue>(
        "ocpp16.SampledValue", field<1>("value", &SampledValue::value, required()),
        field<2>("context", &SampledValue::context), field<3>("format", &SampledValue::format),
        field<4>("measurand", &SampledValue::measurand), field<5>("phase", &SampledValue::phase),
        field<6>("location", &SampledValue::location), field<7>("unit", &SampledValue::unit));
  }
};

struct MeterValue {
  Timestamp timestamp;
  std::vector<SampledValue> sampled_value;
  static constexpr auto description() {
    return describe<MeterValue>("ocpp16.MeterValue",
                                field<1>("timestamp", &MeterValue::timestamp, required()),
                                field<2>("sampledValue", &MeterValue::sampled_value, required()));
  }
};

}  // namespace keel::ocpp::v16
