// The routes that set charging up and show it: bodies are the module's own described structs.
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "modules/charging/errors.hpp"
#include "modules/charging/queries.hpp"
#include "servers/api/charging/charging_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes.hpp"

namespace keel::servers {
namespace {

using charging::OutcomeCode;

constexpr std::string_view kNoRows = "application/vnd.keel.none";

// An outcome that is no success, as a problem document.
Result<> check_outcome(std::uint16_t code) {
  if (code == 0) return success();
  const EnumeratorInfo* known = detail::kEnumInfo<OutcomeCode>.find(std::uint64_t{code});
  const std::string_view name = known == nullptr ? "unknown" : known->name;
  const bool missing = name.ends_with("_unknown");
  return Error(missing ? charging::kNotThere : charging::kRefused, std::string(name));
}

template <Described Command>
Result<bool> read_command(std::string_view json, Bytes& payload) {
  encode(KEEL_TRY(from_json<Command>(json)), payload);
  return false;
}

// For bodies that are not the command itself.
template <Described Body, auto ToCommand>
Result<bool> read_body(std::string_view json, Bytes& payload) {
  encode(ToCommand(KEEL_TRY(from_json<Body>(json))), payload);
  return false;
}

Result<> no_rows(ByteView, bool, Bytes&) {
  return Error(kBadBody, "this command has no packed rows; send JSON");
}

Result<> write_done(const engine::Answer& answer, bool, std::string& body) {
  KEEL_TRY(check_outcome(answer.code));
  to_json(DoneBody{.position = answer.position.value(), .repeated = answer.repeated}, body);
  return success();
}

template <Described Said>
Result<> write_answer(const engine::Answer& answer, bool, std::string& body) {
  KEEL_TRY(check_outcome(answer.code));
  to_json(KEEL_TRY(decode<Said>(answer.payload)), body);
  return success();
}

charging::Configure configure_of(const charging::Settings& settings) {
  return {.settings = settings};
}

charging::RegisterDriver driver_of(const DriverBody& body) {
  return {.driver = charging::DriverId(body.driver),
          .account = body.account,
          .credit_limit = body.credit_limit,
          .blocked = body.blocked,
          .max_sessions = body.max_sessions};
}

const std::array kCommands{
    CommandRoute{.path = "/v1/charging/settings",
                 .summary = "Set charging up: ledger, accounts, policies.",
                 .type = charging::Configure::kType,
                 .request = &info<charging::Settings>,
                 .response = &info<DoneBody>,
                 .media_type = kNoRows,
                 .read_json = &read_body<charging::Settings, &configure_of>,
                 .read_rows = &no_rows,
                 .write_json = &write_done},
    CommandRoute{.path = "/v1/tariffs",
                 .summary = "Publish a version of a tariff.",
                 .type = charging::PublishTariff::kType,
                 .request = &info<charging::PublishTariff>,
                 .response = &info<charging::PublishTariff::Answer>,
                 .media_type = kNoRows,
                 .read_json = &read_command<charging::PublishTariff>,
                 .read_rows = &no_rows,
                 .write_json = &write_answer<charging::PublishTariff::Answer>},
    CommandRoute{.path = "/v1/stations",
                 .summary = "Add a station or change it.",
                 .type = charging::RegisterStation::kType,
                 .request = &info<charging::RegisterStation>,
                 .response = &info<DoneBody>,
                 .media_type = kNoRows,
                 .read_json = &read_command<charging::RegisterStation>,
                 .read_rows = &no_rows,
                 .write_json = &write_done},
    CommandRoute{.path = "/v1/drivers",
                 .summary = "Add a driver or change one.",
                 .type = charging::RegisterDriver::kType,
                 .request = &info<DriverBody>,
                 .response = &info<DoneBody>,
                 .media_type = kNoRows,
                 .read_json = &read_body<DriverBody, &driver_of>,
                 .read_rows = &no_rows,
                 .write_json = &write_done},
    CommandRoute{.path = "/v1/drivers/forget",
                 .summary = "Forget a driver: their tokens are refused for ever.",
                 .type = charging::ForgetDriver::kType,
                 .request = &info<charging::ForgetDriver>,
                 .response = &info<DoneBody>,
                 .media_type = kNoRows,
                 .read_json = &read_command<charging::ForgetDriver>,
                 .read_rows = &no_rows,
                 .write_json = &write_done},
    CommandRoute{.path = "/v1/tokens",
                 .summary = "Give a token to a driver, or change it.",
                 .type = charging::RegisterToken::kType,
                 .request = &info<charging::RegisterToken>,
                 .response = &info<DoneBody>,
                 .media_type = kNoRows,
                 .read_json = &read_command<charging::RegisterToken>,
                 .read_rows = &no_rows,
                 .write_json = &write_done},
    CommandRoute{.path = "/v1/sessions/close",
                 .summary = "End a session whose station does not.",
                 .type = charging::CloseSession::kType,
                 .request = &info<charging::CloseSession>,
                 .response = &info<charging::StopSession::Answer>,
                 .media_type = kNoRows,
                 .read_json = &read_command<charging::CloseSession>,
                 .read_rows = &no_rows,
                 .write_json = &write_answer<charging::StopSession::Answer>},
};

// --- queries ---

Result<std::uint32_t> number_in_path(const Parameters& parameters) {
  const uint128 id = KEEL_TRY(parameters.path_id());
  if (id == 0 || id > UINT32_MAX) return Error(kNotFound, "numbers here are 1 to 4294967295");
  return static_cast<std::uint32_t>(id);
}

Result<std::uint32_t> small(Parameters& parameters, std::string_view name, std::uint32_t most) {
  return static_cast<std::uint32_t>(KEEL_TRY(parameters.number(name, 0, most)));
}

Result<> read_settings(Parameters&, Bytes& payload) {
  encode(charging::GetSettings{}, payload);
  return success();
}

Result<> read_tariff(Parameters& parameters, Bytes& payload) {
  charging::GetTariff asked{.tariff = charging::TariffId(KEEL_TRY(number_in_path(parameters)))};
  asked.version = charging::TariffVersion(KEEL_TRY(small(parameters, "version", UINT32_MAX)));
  encode(asked, payload);
  return success();
}

Result<> read_stations(Parameters& parameters, Bytes& payload) {
  charging::ListStations asked{.after = parameters.text("after"),
                               .only = parameters.text("station")};
  asked.limit = KEEL_TRY(small(parameters, "limit", charging::kMaxPage));
  encode(asked, payload);
  return success();
}

Result<> read_sessions(Parameters& parameters, Bytes& payload) {
  charging::ListSessions asked{.station = parameters.text("station")};
  asked.after = charging::SessionNumber(KEEL_TRY(small(parameters, "after", UINT32_MAX)));
  asked.open_only = KEEL_TRY(small(parameters, "open", 1)) == 1;
  asked.limit = KEEL_TRY(small(parameters, "limit", charging::kMaxPage));
  encode(asked, payload);
  return success();
}

Result<> read_session(Parameters& parameters, Bytes& payload) {
  encode(
      charging::ListSessions{.only = charging::SessionNumber(KEEL_TRY(number_in_path(parameters)))},
      payload);
  return success();
}

Result<> read_driver(Parameters& parameters, Bytes& payload) {
  encode(charging::GetDriver{.driver = charging::DriverId(KEEL_TRY(parameters.path_id()))},
         payload);
  return success();
}

template <Described Said>
Result<> write_said(ByteView payload, std::string& body) {
  to_json(KEEL_TRY(decode<Said>(payload)), body);
  return success();
}

Result<> write_tariff(ByteView payload, std::string& body) {
  const auto said = KEEL_TRY(decode<charging::GetTariff::Answer>(payload));
  if (said.version.is_zero()) return Error(kNotFound, "no such tariff, or no such version");
  to_json(said, body);
  return success();
}

Result<> write_session(ByteView payload, std::string& body) {
  const auto said = KEEL_TRY(decode<charging::ListSessions::Answer>(payload));
  if (said.sessions.empty()) return Error(kNotFound, "no such session");
  to_json(said.sessions.front(), body);
  return success();
}

Result<> write_driver(ByteView payload, std::string& body) {
  const auto said = KEEL_TRY(decode<charging::GetDriver::Answer>(payload));
  if (!said.found) return Error(kNotFound, "no such driver");
  to_json(DriverStateBody{.driver = said.driver.driver.value(),
                          .account = said.driver.account,
                          .blocked = said.driver.blocked,
                          .forgotten = said.forgotten,
                          .max_sessions = said.driver.max_sessions,
                          .tokens = said.tokens,
                          .open_sessions = said.open_sessions},
          body);
  return success();
}

const std::array kQueries{
    QueryRoute{.path = "/v1/charging/settings",
               .summary = "How charging is set up.",
               .type = charging::GetSettings::kType,
               .response = &info<charging::GetSettings::Answer>,
               .parameters = "",
               .read = &read_settings,
               .write_json = &write_said<charging::GetSettings::Answer>},
    QueryRoute{.path = "/v1/tariffs/{id}",
               .summary = "A tariff: its newest version, or the one named.",
               .type = charging::GetTariff::kType,
               .response = &info<charging::GetTariff::Answer>,
               .parameters = "version",
               .read = &read_tariff,
               .write_json = &write_tariff},
    QueryRoute{.path = "/v1/stations",
               .summary = "Stations and their connectors, in the order of their names.",
               .type = charging::ListStations::kType,
               .response = &info<charging::ListStations::Answer>,
               .parameters = "after station limit",
               .read = &read_stations,
               .write_json = &write_said<charging::ListStations::Answer>},
    QueryRoute{.path = "/v1/sessions",
               .summary = "Sessions in the order of their numbers.",
               .type = charging::ListSessions::kType,
               .response = &info<charging::ListSessions::Answer>,
               .parameters = "after station open limit",
               .read = &read_sessions,
               .write_json = &write_said<charging::ListSessions::Answer>},
    QueryRoute{.path = "/v1/sessions/{id}",
               .summary = "A session and what it costs.",
               .type = charging::ListSessions::kType,
               .response = &info<charging::SessionView>,
               .parameters = "",
               .read = &read_session,
               .write_json = &write_session},
    QueryRoute{.path = "/v1/drivers/{id}",
               .summary = "A driver's account and state.",
               .type = charging::GetDriver::kType,
               .response = &info<DriverStateBody>,
               .parameters = "",
               .read = &read_driver,
               .write_json = &write_driver},
};

}  // namespace

std::span<const CommandRoute> charging_command_routes() noexcept {
  return kCommands;
}

std::span<const QueryRoute> charging_query_routes() noexcept {
  return kQueries;
}

}  // namespace keel::servers
