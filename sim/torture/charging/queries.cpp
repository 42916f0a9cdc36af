// Queries of charging by brute force.
#include <fmt/core.h>

#include "base/describe/wire.hpp"
#include "modules/charging/queries.hpp"
#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/encoded.hpp"

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words

constexpr std::size_t kMostOfAPage = 500;

SessionView view_by_hand(const KnownSession& known) {
  MeterByHand::Price price = known.meter.price();
  return {.session = known.start.session,
          .state = known.state,
          .station = known.start.station,
          .connector = known.start.connector,
          .driver = known.start.driver,
          .token_status = known.start.token_status,
          .tariff = known.start.tariff,
          .tariff_version = known.start.tariff_version,
          .started_at = known.start.started_at,
          .stopped_at = known.stop.stopped_at,
          .start_register_wh = known.start.register_wh,
          .register_wh = known.meter.usage().register_wh,
          .reason = known.stop.reason,
          .usage = known.meter.usage(),
          .lines = std::move(price.lines),
          .net = price.net,
          .tax = price.tax,
          .total = price.net + price.tax,
          .held = known.start.hold,
          .version = known.bill.version,
          .flags = known.flags,
          .correlation = known.start.correlation,
          .signed_values = signed_by_hand(known)};
}

ListSessions::Answer by_hand(const ChargingTenant& tenant, const ListSessions& asked) {
  ListSessions::Answer answer;
  const auto wanted = [&](const KnownSession& known) {
    return asked.station.empty() || known.start.station == asked.station;
  };
  if (!asked.only.is_zero()) {
    const auto found = tenant.sessions.find(asked.only.value());
    if (found != tenant.sessions.end() && wanted(found->second)) {
      answer.sessions.push_back(view_by_hand(found->second));
    }
    return answer;
  }
  const std::size_t most =
      asked.limit == 0 ? kMostOfAPage : std::min<std::size_t>(asked.limit, kMostOfAPage);
  for (const auto& [number, known] : tenant.sessions) {
    if (number <= asked.after.value()) continue;
    if (asked.open_only && known.state != SessionState::open) continue;
    if (wanted(known)) answer.sessions.push_back(view_by_hand(known));
    if (answer.sessions.size() < most) continue;
    answer.next = SessionNumber(number);
    break;
  }
  return answer;
}

GetTariff::Answer by_hand(const ChargingTenant& tenant, const GetTariff& asked) {
  GetTariff::Answer answer{.tariff = asked.tariff};
  const auto found = tenant.tariffs.find(asked.tariff.value());
  if (found == tenant.tariffs.end() || found->second.empty()) return answer;
  const auto& versions = found->second;
  const std::size_t version =
      asked.version.is_zero() ? versions.size() : std::size_t{asked.version.value()};
  if (version > versions.size()) return answer;
  answer.version = TariffVersion(static_cast<std::uint32_t>(version));
  answer.terms = versions.at(version - 1);
  return answer;
}

GetDriver::Answer by_hand(const ChargingTenant& tenant, const GetDriver& asked) {
  const auto found = tenant.drivers.find(asked.driver.value());
  if (found == tenant.drivers.end()) return {};
  const KnownDriver& known = found->second;
  return {.found = true,
          .forgotten = known.forgotten,
          .driver = {.driver = asked.driver,
                     .account = known.account,
                     .blocked = known.blocked,
                     .max_sessions = known.max_sessions},
          .tokens = known.tokens,
          .open_sessions = known.open};
}

GetCall::Answer by_hand(const ChargingTenant& tenant, const GetCall& asked) {
  const auto found = tenant.calls.find(asked.call.value());
  if (found == tenant.calls.end()) return {};
  const KnownCall& known = found->second;
  return {.found = true,
          .result = known.result,
          .station = known.call.station,
          .action = known.call.action,
          .requested_at = known.call.requested_at,
          .deadline = known.call.deadline,
          .ended_at = known.ended_at};
}

StationCredentials::Answer by_hand(const ChargingTenant& tenant, const StationCredentials& asked) {
  const auto found = tenant.stations.find(asked.station);
  if (found == tenant.stations.end()) return {};
  const StationRegistered& last = found->second.last;
  return {.found = true,
          .blocked = last.blocked,
          .has_secret = last.secret != Digest{},
          .secret = last.secret,
          .connectors = last.connectors};
}

MeterKeys::Answer by_hand(const ChargingTenant& tenant, const MeterKeys& asked) {
  MeterKeys::Answer answer{.found = tenant.stations.contains(asked.station)};
  for (const auto& [at, key] : tenant.meter_keys) {
    if (at.first != asked.station) continue;
    answer.keys.push_back({.connector = ConnectorNumber(at.second), .key = key});
  }
  return answer;
}

}  // namespace

Finding ChargingOracle::query(const Ask& ask, ByteView reply) {
  const ChargingTenant& tenant = tenants_[ask.tenant];
  Finding found = "a query that charging does not have was answered";
  const auto look = [&]<typename Q>(std::type_identity<Q>) {
    if (kernel::QueryType(ask.type) != Q::kType) return;
    const auto asked = decode<Q>(ask.payload);
    if (!asked.ok()) {
      found = "it is malformed and was answered";
      return;
    }
    const Bytes expected = encoded(by_hand(tenant, *asked));
    found.reset();
    if (!std::ranges::equal(expected, reply)) {
      found = fmt::format("{} bytes, by hand {}{}", reply.size(), expected.size(),
                          reply.size() == expected.size() ? " others" : "");
    }
    counts_.add(fmt::format("charging query {} compared", ask.type & 0xffff));
  };
  look(std::type_identity<ListSessions>{});
  look(std::type_identity<GetTariff>{});
  look(std::type_identity<GetDriver>{});
  look(std::type_identity<GetCall>{});
  look(std::type_identity<StationCredentials>{});
  look(std::type_identity<MeterKeys>{});
  return found;
}

}  // namespace keel::torture
