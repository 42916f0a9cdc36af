// The routes that change devices.
#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "servers/api/devices/device_bodies.hpp"
#include "servers/api/devices/set_credentials.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes/areas.hpp"

namespace keel::servers {
namespace {

constexpr std::string_view kCell = "streams";
constexpr std::size_t kLeastToken = 22;  // 128 bits in base64
constexpr std::size_t kMostToken = 256;
constexpr std::size_t kMostPassword = 256;
constexpr std::uint64_t kUsualTimeout = 30;

template <typename Body>
Result<bool> read_json(std::string_view json, Bytes& payload) {
  encode(KEEL_TRY(from_json<Body>(json)), payload);
  return false;
}

Result<> read_patch(Parameters& parameters, std::string_view body, Bytes& payload) {
  devices::UpdateTwin update{.device = parameters.path_text(), .patch = std::string(body)};
  if (parameters.has("expected_version")) {
    update.expected_version = KEEL_TRY(parameters.number("expected_version", 0));
  }
  encode(update, payload);
  return success();
}

Result<> read_call(Parameters& parameters, std::string_view body, Bytes& payload) {
  encode(devices::CallMethod{.device = parameters.path_text(),
                             .method = parameters.text("method"),
                             .payload = std::string(body),
                             .timeout_s = static_cast<std::uint32_t>(KEEL_TRY(parameters.number(
                                 "timeout_s", kUsualTimeout, devices::kMaxTimeoutSeconds)))},
         payload);
  return success();
}

DeviceResultBody result_of(const engine::Answer& answer) {
  return {.position = answer.position.value(),
          .repeated = answer.repeated,
          .outcome = devices::OutcomeCode{answer.code}};
}

Result<> write_result(const engine::Answer& answer, bool, std::string& body) {
  to_json(result_of(answer), body);
  return success();
}

Result<> write_registered(const engine::Answer& answer, bool, std::string& body) {
  const auto registered = KEEL_TRY(decode<devices::RegisterDevice::Answer>(answer.payload));
  to_json(DeviceRegisteredBody{.result = result_of(answer), .revision = registered.revision}, body);
  return success();
}

Result<> write_updated(const engine::Answer& answer, bool, std::string& body) {
  to_json(TwinUpdatedBody{.result = result_of(answer),
                          .updated = KEEL_TRY(decode<devices::UpdateTwin::Answer>(answer.payload))},
          body);
  return success();
}

Result<> write_called(const engine::Answer& answer, bool, std::string& body) {
  to_json(MethodCalledBody{.result = result_of(answer),
                           .called = KEEL_TRY(decode<devices::CallMethod::Answer>(answer.payload))},
          body);
  return success();
}

constexpr std::array<CommandRoute, 4> kRoutes{{
    {.path = "/v1/devices",
     .summary = "Register a device, or change it; groups and tags are those given, no others.",
     .type = devices::RegisterDevice::kType,
     .request = &info<devices::RegisterDevice>,
     .response = &info<DeviceRegisteredBody>,
     .read_json = &read_json<devices::RegisterDevice>,
     .write_json = &write_registered,
     .cell = kCell},
    {.path = "/v1/devices/remove",
     .summary = "Remove a device with its twin, its credentials and what is kept for it.",
     .type = devices::RemoveDevice::kType,
     .request = &info<devices::RemoveDevice>,
     .response = &info<DeviceResultBody>,
     .read_json = &read_json<devices::RemoveDevice>,
     .write_json = &write_result,
     .cell = kCell},
    {.path = "/v1/devices/{id}/twin",
     .summary = "Change what a device should be: the body is a merge patch (RFC 7396) of desired.",
     .type = devices::UpdateTwin::kType,
     .request = nullptr,
     .response = &info<TwinUpdatedBody>,
     .read_json = nullptr,
     .write_json = &write_updated,
     .cell = kCell,
     .parameters = "expected_version",
     .read_body = &read_patch},
    {.path = "/v1/devices/{id}/methods",
     .summary = "Call a method of a device; the body is what it is called with.",
     .type = devices::CallMethod::kType,
     .request = nullptr,
     .response = &info<MethodCalledBody>,
     .read_json = nullptr,
     .write_json = &write_called,
     .cell = kCell,
     .parameters = "method timeout_s",
     .read_body = &read_call},
}};

}  // namespace

std::span<const CommandRoute> device_command_routes() noexcept {
  return kRoutes;
}

runtime::Task<Result<devices::SetCredentials>> credentials_of(PasswordHasher* passwords,
                                                              std::string device,
                                                              DeviceCredentialsBody body) {
  devices::SetCredentials request{.device = std::move(device), .certificate = body.certificate};
  if (body.token) {
    const std::string& token = *body.token;
    if (!token.empty() && (token.size() < kLeastToken || token.size() > kMostToken)) {
      co_return Error(kBadBody, "token: expected 22 to 256 characters, generated");
    }
    request.token = token.empty() ? Digest{} : sha256(as_bytes(token));
  }
  if (!body.password) co_return request;
  if (body.password->size() > kMostPassword) {
    co_return Error(kBadBody, "password: expected at most 256 bytes");
  }
  request.password_hash = "";
  if (!body.password->empty()) {
    if (passwords == nullptr)
      co_return Error(kBadBody, "password: this node hashes none; use a token");
    request.password_hash = KEEL_CO_TRY(co_await passwords->hash(*body.password));
  }
  co_return request;
}

}  // namespace keel::servers
