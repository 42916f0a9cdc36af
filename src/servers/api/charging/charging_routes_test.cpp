// The routes of charging: bodies become commands, outcomes become answers or problems.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "modules/charging/errors.hpp"
#include "modules/charging/queries.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes.hpp"

namespace keel::servers {
namespace {

template <typename Route>
const Route& named(std::span<const Route> routes, std::string_view path) {
  const auto found = std::ranges::find(routes, path, &Route::path);
  KEEL_ASSERT(found != routes.end());
  return *found;
}

template <typename Command>
Command command_of(std::string_view path, std::string_view json) {
  Bytes payload;
  const Result<bool> read = named(command_routes(), path).read_json(json, payload);
  EXPECT_TRUE(read.ok()) << read.error().to_string();
  return decode<Command>(payload).value();
}

TEST(ChargingRoutes, read_bodies_into_commands) {
  const auto settings = command_of<charging::Configure>(
      "/v1/charging/settings", R"({"ledger":1,"currency":"EUR","exponent":2,"hold":2000})");
  EXPECT_EQ(settings.settings.hold, 2'000u);
  const auto tariff = command_of<charging::PublishTariff>(
      "/v1/tariffs",
      R"({"tariff":3,"terms":{"currency":"EUR","windows":[{"to_minute":60}],"rounding":"down"}})");
  EXPECT_EQ(tariff.tariff, charging::TariffId(3));
  EXPECT_EQ(tariff.terms.windows[0].to_minute, 60);
  EXPECT_EQ(tariff.terms.rounding, charging::Rounding::down);
  const auto driver =
      command_of<charging::RegisterDriver>("/v1/drivers", R"({"driver":7,"credit_limit":"500"})");
  EXPECT_EQ(driver.driver, charging::DriverId(7));
  EXPECT_EQ(driver.credit_limit, 500u);
  Bytes payload;
  const CommandRoute& stations = named(command_routes(), "/v1/stations");
  EXPECT_FALSE(stations.read_json(R"({"station":"CP-1","colour":"red"})", payload).ok());
  EXPECT_TRUE(stations.read_rows({}, false, payload).error().is(kBadBody));
}

TEST(ChargingRoutes, answer_refusals_as_problems) {
  const CommandRoute& route = named(command_routes(), "/v1/tokens");
  const auto answered = [&](charging::OutcomeCode code) {
    std::string body;
    const Result<> written = route.write_json(
        {.code = static_cast<std::uint16_t>(code), .position = Position(9)}, false, body);
    return written.ok() ? body : written.error().to_string();
  };
  EXPECT_EQ(answered(charging::OutcomeCode::done), R"({"position":"9","repeated":false})");
  EXPECT_EQ(answered(charging::OutcomeCode::driver_unknown), "charging.not_there: driver_unknown");
  EXPECT_EQ(answered(charging::OutcomeCode::token_taken), "charging.refused: token_taken");
}

TEST(ChargingRoutes, show_a_session_or_that_there_is_none) {
  const QueryRoute& route = named(query_routes(), "/v1/sessions/{id}");
  Bytes payload;
  encode(charging::ListSessions::Answer{}, payload);
  std::string body;
  EXPECT_TRUE(route.write_json(payload, body).error().is(kNotFound));
  payload.clear();
  encode(charging::ListSessions::Answer{.sessions = {{.session = charging::SessionNumber(5)}}},
         payload);
  ASSERT_TRUE(route.write_json(payload, body).ok());
  EXPECT_TRUE(body.starts_with(R"({"session":5,"state":"open",)"));
}

}  // namespace
}  // namespace keel::servers
