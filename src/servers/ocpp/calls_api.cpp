#include "servers/ocpp/calls_api.hpp"

#include "base/json/json_writer.hpp"
#include "servers/api/command_key.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/parameters.hpp"
#include "servers/api/problem.hpp"
#include "servers/ocpp/admission.hpp"
#include "servers/ocpp/words.hpp"

namespace keel::servers {

using runtime::Task;

namespace {

// handmade_routes.cpp has the path as a pattern.
constexpr std::string_view kBase = "/v1/stations/";
constexpr std::string_view kCalls = "/calls/";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::uint64_t kUsualSeconds = 30;
constexpr std::size_t kMostActionBytes = 64;

struct Path {
  std::string station;
  std::string action;
};

// Nothing: not a path of this handler.
std::optional<Path> path_of(std::string_view text) {
  const std::size_t calls = text.rfind(kCalls);
  if (!text.starts_with(kBase) || calls == std::string_view::npos || calls < kBase.size())
    return std::nullopt;
  std::optional<std::string> station = station_of(text.substr(0, calls), kBase);
  const std::string_view action = text.substr(calls + kCalls.size());
  if (!station || action.empty() || action.size() > kMostActionBytes) return std::nullopt;
  return Path{.station = *std::move(station), .action = std::string(action)};
}

std::string document_of(const Path& path, const CallOutcome& outcome) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("station"), json.text(path.station);
  json.key("action"), json.text(path.action);
  json.key("result"), json.text(name_of(outcome.result));
  if (!outcome.answer.empty()) json.key("answer"), json.raw(outcome.answer);
  if (!outcome.error.empty()) json.key("error"), json.text(outcome.error);
  if (!outcome.detail.empty()) json.key("detail"), json.text(outcome.detail);
  json.end_object();
  return body;
}

}  // namespace

Task<> CallsApi::handle(Exchange& exchange) {
  const http::Request& request = exchange.request();
  if (request.method != http::Method::post || !path_of(request.target.path)) {
    co_await next_.handle(exchange);
    co_return;
  }
  const Result<> called = co_await call(exchange);
  if (!called.ok()) write_problem(called.error(), exchange.reply());
}

StationCaller& CallsApi::caller_of(std::string_view action) const noexcept {
  for (StationCaller* each : callers_)
    if (each->knows(action)) return *each;
  return *callers_.front();
}

Task<Result<>> CallsApi::call(Exchange& exchange) {
  const http::Request& request = exchange.request();
  const Path path = *path_of(request.target.path);
  const std::string_view authorization = request.headers.find("authorization").value_or("");
  const std::optional<Caller> caller =
      authorization.starts_with(kBearer)
          ? authenticator_.authenticate(authorization.substr(kBearer.size()))
          : std::nullopt;
  if (!caller) co_return kNotAuthenticated;
  Parameters parameters = KEEL_CO_TRY(Parameters::read(request, {}));
  const std::uint64_t seconds =
      KEEL_CO_TRY(parameters.number("timeout_s", kUsualSeconds, kMostSeconds));
  KEEL_CO_TRY(parameters.finish());
  charging::CallId id;
  if (const auto key = request.headers.find("idempotency-key")) {
    id = charging::CallId(KEEL_CO_TRY(command_id_of(caller->tenant, *key)).value());
  } else {
    std::array<std::byte, 16> random{};
    core_.entropy().fill(random);
    id = charging::CallId(ByteReader(random).read<uint128>().value());
  }
  const std::string payload(request.body.empty() ? "{}" : as_text(request.body));
  exchange.release_input();
  const Result<CallOutcome> outcome =
      co_await caller_of(path.action)
          .call(
              {.station = path.station,
               .action = path.action,
               .payload = payload,
               .timeout = Duration::seconds(static_cast<std::int64_t>(seconds == 0 ? 1 : seconds)),
               .id = id},
              exchange.wait());
  if (!outcome.ok()) co_return outcome.error();
  exchange.reply().body = document_of(path, *outcome);
  co_return success();
}

}  // namespace keel::servers
