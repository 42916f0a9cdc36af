// The routes that read what charging knows.
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "servers/api/charging/charging_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes/areas.hpp"

namespace keel::servers {
namespace {

template <typename Query>
Result<> ask(const Query& query, Bytes& payload) {
  encode(query, payload);
  return success();
}

template <typename Id>
Result<Id> path_id(const Parameters& parameters, std::uint64_t largest) {
  const uint128 id = KEEL_TRY(parameters.path_id());
  if (id == 0 || id > largest) return Error(kNotFound, "there is no such number");
  return Id(static_cast<std::uint32_t>(id));
}

Result<std::uint32_t> limit_of(Parameters& parameters) {
  return static_cast<std::uint32_t>(KEEL_TRY(parameters.number("limit", 100, charging::kMaxPage)));
}

Result<> read_settings(Parameters&, Bytes& payload) {
  return ask(charging::GetSettings{}, payload);
}

Result<> read_stations(Parameters& parameters, Bytes& payload) {
  return ask(charging::ListStations{.after = parameters.text("after"),
                                    .only = parameters.text("station"),
                                    .limit = KEEL_TRY(limit_of(parameters))},
             payload);
}

Result<> read_meter_keys(Parameters& parameters, Bytes& payload) {
  return ask(charging::MeterKeys{.station = parameters.text("station")}, payload);
}

Result<> read_sessions(Parameters& parameters, Bytes& payload) {
  constexpr std::array<std::string_view, 2> kStates{"all", "open"};
  return ask(
      charging::ListSessions{.after = charging::SessionNumber(static_cast<std::uint32_t>(KEEL_TRY(
                                 parameters.number("after", 0, charging::kMaxSessionNumber)))),
                             .open_only = KEEL_TRY(parameters.choice("state", kStates)) == 1,
                             .station = parameters.text("station"),
                             .limit = KEEL_TRY(limit_of(parameters))},
      payload);
}

Result<> read_session(Parameters& parameters, Bytes& payload) {
  return ask(charging::ListSessions{.only = KEEL_TRY(path_id<charging::SessionNumber>(
                                        parameters, charging::kMaxSessionNumber)),
                                    .limit = 1},
             payload);
}

Result<> read_tariff(Parameters& parameters, Bytes& payload) {
  return ask(
      charging::GetTariff{.tariff = KEEL_TRY(path_id<charging::TariffId>(parameters, UINT32_MAX)),
                          .version = charging::TariffVersion(static_cast<std::uint32_t>(
                              KEEL_TRY(parameters.number("version", 0, UINT32_MAX))))},
      payload);
}

Result<> read_driver(Parameters& parameters, Bytes& payload) {
  return ask(charging::GetDriver{.driver = charging::DriverId(KEEL_TRY(parameters.path_id()))},
             payload);
}

Result<> read_call(Parameters& parameters, Bytes& payload) {
  return ask(charging::GetCall{.call = charging::CallId(KEEL_TRY(parameters.path_id()))}, payload);
}

template <typename Answer>
Result<> write_answer(ByteView payload, std::string& body) {
  const Answer answer = KEEL_TRY(decode<Answer>(payload));
  if constexpr (requires { answer.found; }) {
    if (!answer.found) return Error(kNotFound, "nothing has this id, or it is not set up");
  }
  to_json(answer, body);
  return success();
}

Result<> write_session(ByteView payload, std::string& body) {
  const auto answer = KEEL_TRY(decode<charging::ListSessions::Answer>(payload));
  if (answer.sessions.empty()) return Error(kNotFound, "no session has this number");
  to_json(answer.sessions.front(), body);
  return success();
}

Result<> write_tariff(ByteView payload, std::string& body) {
  const auto answer = KEEL_TRY(decode<charging::GetTariff::Answer>(payload));
  if (answer.version.value() == 0) return Error(kNotFound, "no tariff has this number and version");
  to_json(answer, body);
  return success();
}

runtime::Task<Result<>> write_driver(ByteView payload, const Unsealer& unsealer,
                                     std::string& body) {
  const auto answer = KEEL_CO_TRY(decode<charging::GetDriver::Answer>(payload));
  if (!answer.found) co_return Error(kNotFound, "no driver has this id");
  const charging::DriverRegistered& driver = answer.driver;
  DriverStateBody shown{.driver = driver.driver,
                        .forgotten = answer.forgotten,
                        .account = driver.account,
                        .blocked = driver.blocked,
                        .max_sessions = driver.max_sessions,
                        .tokens = answer.tokens,
                        .open_sessions = answer.open_sessions};
  Unsealer::Place place{.subject = driver.driver, .event = driver.kEventType, .field = 2};
  KEEL_CO_TRY(co_await unsealer.open(place, driver.name, shown.name, shown.personal));
  place.field = 3;
  KEEL_CO_TRY(co_await unsealer.open(place, driver.email, shown.email, shown.personal));
  to_json(shown, body);
  co_return success();
}

constexpr std::array<QueryRoute, 8> kRoutes{{
    {.path = "/v1/charging/settings",
     .summary = "How charging is set up, and how much there is of it.",
     .type = charging::GetSettings::kType,
     .response = &info<charging::GetSettings::Answer>,
     .parameters = "",
     .read = &read_settings,
     .write_json = &write_answer<charging::GetSettings::Answer>},
    {.path = "/v1/stations",
     .summary = "Stations with their connectors, in the order of their names.",
     .type = charging::ListStations::kType,
     .response = &info<charging::ListStations::Answer>,
     .parameters = "station after limit",
     .read = &read_stations,
     .write_json = &write_answer<charging::ListStations::Answer>},
    {.path = "/v1/stations/meter-keys",
     .summary = "The registered keys of a station's meters.",
     .type = charging::MeterKeys::kType,
     .response = &info<charging::MeterKeys::Answer>,
     .parameters = "station",
     .read = &read_meter_keys,
     .write_json = &write_answer<charging::MeterKeys::Answer>},
    {.path = "/v1/sessions",
     .summary = "Sessions in the order of their numbers.",
     .type = charging::ListSessions::kType,
     .response = &info<charging::ListSessions::Answer>,
     .parameters = "station state after limit",
     .read = &read_sessions,
     .write_json = &write_answer<charging::ListSessions::Answer>},
    {.path = "/v1/sessions/{id}",
     .summary = "A session: as it stands, or its bill.",
     .type = charging::ListSessions::kType,
     .response = &info<charging::SessionView>,
     .parameters = "",
     .read = &read_session,
     .write_json = &write_session},
    {.path = "/v1/tariffs/{id}",
     .summary = "A tariff: the newest version, or the one named.",
     .type = charging::GetTariff::kType,
     .response = &info<charging::GetTariff::Answer>,
     .parameters = "version",
     .read = &read_tariff,
     .write_json = &write_tariff},
    {.path = "/v1/drivers/{id}",
     .summary = "A driver; what is personal as far as it has not been erased.",
     .type = charging::GetDriver::kType,
     .response = &info<DriverStateBody>,
     .parameters = "",
     .read = &read_driver,
     .write_personal = &write_driver},
    {.path = "/v1/calls/{id}",
     .summary = "How a call to a station ended.",
     .type = charging::GetCall::kType,
     .response = &info<charging::GetCall::Answer>,
     .parameters = "",
     .read = &read_call,
     .write_json = &write_answer<charging::GetCall::Answer>},
}};

}  // namespace

std::span<const QueryRoute> charging_query_routes() noexcept {
  return kRoutes;
}

}  // namespace keel::servers
