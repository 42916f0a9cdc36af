#include "servers/ocpp/readings.hpp"

#include <gtest/gtest.h>

#include "base/text/scaled_decimal.hpp"

namespace keel::servers {
namespace {

using namespace ocpp::v16;

TEST(OcppReadings, decimals_are_scaled_and_cut_off) {
  EXPECT_EQ(scaled_decimal("12", 1), 12);
  EXPECT_EQ(scaled_decimal("12.999", 1), 12);
  EXPECT_EQ(scaled_decimal("1.5", 1'000), 1'500);
  EXPECT_EQ(scaled_decimal("0.0019", 1'000), 1);
  EXPECT_EQ(scaled_decimal("-2.5", 1'000), -2'500);
  EXPECT_EQ(scaled_decimal("000", 1), 0);
  for (const std::string_view text :
       {"", "-", ".5", "1.", "1e3", "+1", "1,5", "NaN", " 1", "9999999999999999999", "1.2.3"})
    EXPECT_FALSE(scaled_decimal(text, 1).has_value()) << text;
  EXPECT_FALSE(scaled_decimal("999999999999999999", 1'000).has_value());
}

TEST(OcppReadings, the_plain_value_is_the_energy_register_in_wh) {
  const charging::Reading reading =
      reading_of({.timestamp = Timestamp{5}, .sampled_value = {{.value = "1234"}}});
  EXPECT_EQ(reading.register_wh, 1'234u);
  EXPECT_EQ(reading.time.ns, 5);
  EXPECT_FALSE(reading.power_w.has_value());
}

TEST(OcppReadings, takes_what_it_knows_and_leaves_out_the_rest) {
  const charging::Reading reading = reading_of(
      {.sampled_value = {
           {.value = "1.25",
            .measurand = Measurand::energy_active_import_register,
            .unit = UnitOfMeasure::k_wh},
           {.value = "7.4",
            .measurand = Measurand::power_active_import,
            .unit = UnitOfMeasure::k_w},
           {.value = "81.5", .measurand = Measurand::so_c, .unit = UnitOfMeasure::percent},
           {.value = "16", .measurand = Measurand::current_import, .unit = UnitOfMeasure::a},
           {.value = "99999", .measurand = Measurand::energy_active_export_register},
           {.value = "OCMF|{}", .format = ValueFormat::signed_data}}});
  EXPECT_EQ(reading.register_wh, 1'250u);
  EXPECT_EQ(reading.power_w, 7'400);
  EXPECT_EQ(reading.charge_percent, 81u);
  EXPECT_TRUE(reading.signed_value.empty());
}

TEST(OcppReadings, each_signed_value_has_a_reading_and_the_last_one_the_register) {
  const auto readings =
      readings_of({{.timestamp = Timestamp{5},
                    .sampled_value = {{.value = "OCMF|1", .format = ValueFormat::signed_data},
                                      {.value = "1234"},
                                      {.value = "OCMF|2", .format = ValueFormat::signed_data}}}});
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(as_text(readings[0].signed_value), "OCMF|1");
  EXPECT_EQ(readings[0].time.ns, 5);
  EXPECT_FALSE(readings[0].register_wh.has_value());
  EXPECT_EQ(as_text(readings[1].signed_value), "OCMF|2");
  EXPECT_EQ(readings[1].register_wh, 1'234u);
}

TEST(OcppReadings, phases_are_summed_unless_the_whole_is_there) {
  MeterValue value{.sampled_value = {{.value = "100", .phase = Phase::l1},
                                     {.value = "200", .phase = Phase::l2},
                                     {.value = "300", .phase = Phase::l3_n},
                                     {.value = "7", .phase = Phase::l1_l2}}};
  EXPECT_EQ(reading_of(value).register_wh, 600u);
  value.sampled_value.push_back({.value = "599"});
  EXPECT_EQ(reading_of(value).register_wh, 599u);
}

TEST(OcppReadings, nonsense_gives_no_register) {
  EXPECT_FALSE(reading_of({.sampled_value = {{.value = "-5"}}}).register_wh.has_value());
  EXPECT_FALSE(reading_of({.sampled_value = {{.value = "five"}}}).register_wh.has_value());
  EXPECT_FALSE(
      reading_of({.sampled_value = {{.value = "5", .unit = UnitOfMeasure::varh}}}).register_wh);
}

}  // namespace
}  // namespace keel::servers
