#include "node/commands/bench/ocpp/billed.hpp"

#include "base/json/json.hpp"
#include "modules/charging/queries.hpp"

namespace keel::node {

using charging::ListSessions;
using charging::SessionState;
using charging::SessionView;
using runtime::Task;
using runtime::Wait;

namespace {

constexpr std::string_view kPage = "&limit=500";
constexpr DecodeLimits kPageLimits{
    .input_bytes = std::size_t{4} << 20, .depth = 8, .elements = 100'000};

}  // namespace

// Ten-thousandths of a minor unit, rounded half up.
std::uint64_t price_of(const EnrollOptions& enrolled, std::uint64_t energy_wh) {
  constexpr std::uint64_t kParts = 10'000;
  const std::uint64_t exact = enrolled.session_fee + enrolled.energy_per_kwh * energy_wh / 1'000;
  return (exact + kParts / 2) / kParts;
}

Task<Result<BilledSessions>> read_billed(HttpClient& client, const EnrollOptions& enrolled,
                                         std::uint64_t energy_wh, Wait wait) {
  BilledSessions read;
  const std::uint64_t price = price_of(enrolled, energy_wh);
  std::string after = "0";
  do {
    const std::string page = KEEL_CO_TRY(
        co_await get(&client, "/v1/sessions?after=" + after + std::string(kPage), wait));
    const auto sessions = KEEL_CO_TRY(from_json<ListSessions::Answer>(page, kPageLimits));
    read.sessions += sessions.sessions.size();
    for (const SessionView& each : sessions.sessions)
      if (each.state == SessionState::closed && each.total == price &&
          each.register_wh == each.start_register_wh + energy_wh)
        ++read.billed;
    after = std::to_string(sessions.next.value());
  } while (after != "0");
  const std::string books = KEEL_CO_TRY(co_await get(
      &client, "/v1/ledgers/" + std::to_string(enrolled.ledger) + "/trial-balance", wait));
  read.balanced = books.find("\"balanced\":true") != std::string::npos;
  co_return read;
}

}  // namespace keel::node
