#include "node/fleet/charging/enroll.hpp"

#include <fmt/core.h>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"
#include "node/fleet/errors.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;

namespace {

constexpr std::size_t kAtOnce = 16;  // connections

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

// Who makes stations known, several at once.
struct Enrolling {
  const NodeAddress& node;
  const EnrollOptions& options;
  std::vector<EnrolledStation> stations;
  std::size_t next = 0;
  std::optional<Error> failed;
};

std::vector<EnrolledStation> names_of(const EnrollOptions& options) {
  std::vector<EnrolledStation> stations(options.stations + options.without_driver);
  for (std::uint32_t number = 1; EnrolledStation & station : stations) {
    station.name = fmt::format("{}-{}", options.prefix, number);
    station.secret = secret_of(options.seed, station.name);
    if (number <= options.stations) station.token = fmt::format("DEMO{:08}", number);
    ++number;
  }
  return stations;
}

Task<Result<>> enroll_one(HttpClient* client, const EnrollOptions* options,
                          const EnrolledStation* station, std::size_t driver, Wait wait) {
  if (!station->token.empty()) {
    KEEL_CO_TRY(co_await post(
        client, "/v1/drivers",
        fmt::format(R"({{"driver":"{}","credit_limit":"{}"}})", driver, options->credit_limit),
        wait));
    KEEL_CO_TRY(co_await post(
        client, "/v1/tokens",
        fmt::format(R"({{"token":"{}","driver":"{}"}})", station->token, driver), wait));
  }
  co_return co_await post(
      client, "/v1/stations",
      fmt::format(R"({{"station":"{}","secret":"{}","connectors":1,"tariff":{}}})", station->name,
                  station->secret, options->tariff),
      wait);
}

Task<> enroll_some(runtime::Core* core, Enrolling* all, Wait wait) {
  HttpClient client(*core, all->node);
  while (all->next < all->stations.size() && !all->failed) {
    const std::size_t number = all->next++;
    const Result<> done =
        co_await enroll_one(&client, &all->options, &all->stations[number], number + 1, wait);
    if (!done.ok()) all->failed = done.error();
  }
}

}  // namespace

Task<Result<std::vector<EnrolledStation>>> enroll(runtime::Core& core, const NodeAddress& node,
                                                  const EnrollOptions& options, Wait wait) {
  HttpClient client(core, node);
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
  Enrolling all{.node = node, .options = options, .stations = names_of(options)};
  runtime::Scope scope(core, wait.cancellation);
  for (std::size_t i = 0; i < kAtOnce; ++i) scope.spawn(enroll_some, &core, &all, wait);
  co_await scope.join();
  if (all.failed) co_return *all.failed;
  co_return std::move(all.stations);
}

}  // namespace keel::node
