#include "node/fleet/ocpp/enroll.hpp"

#include <fmt/core.h>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;

namespace {

// 160 bits that nobody guesses who does not know the seed's run: enough for a demonstration, whose
// node keeps its digest.
std::string secret_of(std::uint64_t seed, std::string_view station) {
  const Digest digest = sha256({object_bytes(seed), as_bytes(station)});
  return to_hex(ByteView(digest).first(20));
}

Task<Result<>> post(HttpClient* client, std::string_view target, std::string body, Wait wait) {
  ApiResponse response;
  const ApiRequest request{.method = http::Method::post, .target = target, .body = as_bytes(body)};
  KEEL_CO_TRY(co_await client->send(request, response, wait));
  if (response.ok() && response.body.find(R"("outcome":"done")") != std::string::npos)
    co_return success();
  co_return Error(kNotEnrolled, std::string(target) + ": " + response.body);
}

}  // namespace

Task<Result<std::vector<OcppStation>>> enroll(HttpClient& client, const EnrollOptions& options,
                                              Wait wait) {
  KEEL_CO_TRY(co_await post(&client, "/v1/charging/settings",
                            fmt::format(R"({{"ledger":{},"currency":"{}","exponent":2,"hold":{}}})",
                                        options.ledger, options.currency, options.hold),
                            wait));
  KEEL_CO_TRY(co_await post(
      &client, "/v1/tariffs",
      fmt::format(R"({{"tariff":{},"terms":{{"name":"Demo","currency":"{}","session_fee":{},)"
                  R"("energy_per_kwh":{},"tax_basis_points":{},"prices_include_tax":true}}}})",
                  options.tariff, options.currency, options.session_fee, options.energy_per_kwh,
                  options.tax_basis_points),
      wait));
  std::vector<OcppStation> stations;
  for (std::uint32_t number = 1; number <= options.stations; ++number) {
    OcppStation& station = stations.emplace_back();
    station.name = fmt::format("{}-{}", options.prefix, number);
    station.secret = secret_of(options.seed, station.name);
    station.token = fmt::format("DEMO{:08}", number);
    KEEL_CO_TRY(co_await post(
        &client, "/v1/drivers",
        fmt::format(R"({{"driver":"{}","credit_limit":"{}"}})", number, options.credit_limit),
        wait));
    KEEL_CO_TRY(co_await post(
        &client, "/v1/tokens",
        fmt::format(R"({{"token":"{}","driver":"{}"}})", station.token, number), wait));
    KEEL_CO_TRY(
        co_await post(&client, "/v1/stations",
                      fmt::format(R"({{"station":"{}","secret":"{}","connectors":1,"tariff":{}}})",
                                  station.name, station.secret, options.tariff),
                      wait));
  }
  co_return stations;
}

}  // namespace keel::node
