// The routes that set charging up, and end a session by hand.
#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "servers/api/charging/charging_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes/areas.hpp"
#include "wire/ocmf/meter_key.hpp"

namespace keel::servers {
namespace {

constexpr std::size_t kLeastSecret = 20;
constexpr std::size_t kMostSecret = 40;  // OCPP 1.6, AuthorizationKey

charging::Configure to_request(charging::Settings body) {
  return {.settings = std::move(body)};
}
template <typename Request>
Request to_request(Request body) {
  return body;
}

Result<charging::RegisterStation> to_request(StationBody body) {
  charging::RegisterStation request{.station = std::move(body.station),
                                    .connectors = body.connectors,
                                    .tariff = body.tariff,
                                    .blocked = body.blocked};
  if (body.secret.empty()) return request;
  const auto is_printable = [](char each) { return each > ' ' && each <= '~'; };
  if (body.secret.size() < kLeastSecret || body.secret.size() > kMostSecret ||
      !std::ranges::all_of(body.secret, is_printable))
    return Error(kBadBody,
                 "secret: expected 20 to 40 printable characters without spaces, generated");
  request.secret = sha256(as_bytes(body.secret));
  return request;
}

Result<charging::RegisterMeterKey> to_request(const MeterKeyBody& body) {
  charging::RegisterMeterKey request{.station = body.station, .connector = body.connector};
  if (body.key.empty()) return request;
  auto key = ocmf::read_meter_key(body.key);
  if (!key.ok()) return Error(kBadBody, "key: " + key.error().detail());
  request.key = std::move(key).value();
  return request;
}

Bytes bytes_of(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

charging::RegisterDriver to_request(const DriverBody& body) {
  return {.driver = body.driver,
          .name = bytes_of(body.name),
          .email = bytes_of(body.email),
          .account = body.account,
          .credit_limit = body.credit_limit,
          .blocked = body.blocked,
          .max_sessions = body.max_sessions};
}

template <typename Body>
Result<bool> read_json(std::string_view json, Bytes& payload) {
  const auto made = to_request(KEEL_TRY(from_json<Body>(json)));
  if constexpr (requires { made.value(); }) {
    if (!made.ok()) return made.error();
    encode(*made, payload);
  } else {
    encode(made, payload);
  }
  return false;
}

ChargingResultBody result_of(const engine::Answer& answer) {
  return {.position = answer.position.value(),
          .repeated = answer.repeated,
          .outcome = charging::OutcomeCode{answer.code}};
}

Result<> write_result(const engine::Answer& answer, bool, std::string& body) {
  to_json(result_of(answer), body);
  return success();
}

template <typename Body, auto Member, typename Module>
Result<> write_with_answer(const engine::Answer& answer, bool, std::string& body) {
  Body made{.result = result_of(answer)};
  if (!answer.payload.empty()) made.*Member = KEEL_TRY(decode<Module>(answer.payload));
  to_json(made, body);
  return success();
}

constexpr std::array<CommandRoute, 8> kRoutes{{
    {.path = "/v1/charging/settings",
     .summary =
         "Set charging up, or change how it goes on: ledger, currency, accounts, hold, times.",
     .type = charging::Configure::kType,
     .request = &info<charging::Settings>,
     .response = &info<ChargingResultBody>,
     .read_json = &read_json<charging::Settings>,
     .write_json = &write_result},
    {.path = "/v1/tariffs",
     .summary = "Publish a tariff, or a new version of one.",
     .type = charging::PublishTariff::kType,
     .request = &info<charging::PublishTariff>,
     .response = &info<TariffPublishedBody>,
     .read_json = &read_json<charging::PublishTariff>,
     .write_json = &write_with_answer<TariffPublishedBody, &TariffPublishedBody::published,
                                      charging::PublishTariff::Answer>},
    {.path = "/v1/stations",
     .summary = "Register a station, or change it.",
     .type = charging::RegisterStation::kType,
     .request = &info<StationBody>,
     .response = &info<ChargingResultBody>,
     .read_json = &read_json<StationBody>,
     .write_json = &write_result},
    {.path = "/v1/stations/meter-keys",
     .summary = "Register the public key of a meter, which its signed values are checked by.",
     .type = charging::RegisterMeterKey::kType,
     .request = &info<MeterKeyBody>,
     .response = &info<ChargingResultBody>,
     .read_json = &read_json<MeterKeyBody>,
     .write_json = &write_result},
    {.path = "/v1/drivers",
     .summary = "Register a driver, or change one.",
     .type = charging::RegisterDriver::kType,
     .request = &info<DriverBody>,
     .response = &info<ChargingResultBody>,
     .read_json = &read_json<DriverBody>,
     .write_json = &write_result},
    {.path = "/v1/drivers/forget",
     .summary = "Forget a driver: their tokens are refused for ever.",
     .type = charging::ForgetDriver::kType,
     .request = &info<charging::ForgetDriver>,
     .response = &info<ChargingResultBody>,
     .read_json = &read_json<charging::ForgetDriver>,
     .write_json = &write_result},
    {.path = "/v1/tokens",
     .summary = "Give a token to a driver, or change it.",
     .type = charging::RegisterToken::kType,
     .request = &info<charging::RegisterToken>,
     .response = &info<ChargingResultBody>,
     .read_json = &read_json<charging::RegisterToken>,
     .write_json = &write_result},
    {.path = "/v1/sessions/close",
     .summary = "End a session whose station does not: billed by the readings so far.",
     .type = charging::CloseSession::kType,
     .request = &info<charging::CloseSession>,
     .response = &info<SessionStoppedBody>,
     .read_json = &read_json<charging::CloseSession>,
     .write_json = &write_with_answer<SessionStoppedBody, &SessionStoppedBody::stopped,
                                      charging::StopSession::Answer>},
}};

}  // namespace

std::span<const CommandRoute> charging_command_routes() noexcept {
  return kRoutes;
}

}  // namespace keel::servers
