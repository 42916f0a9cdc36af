#include "sim/torture/mixed.hpp"

#include <algorithm>

#include "modules/devices/types.hpp"
#include "modules/ledger/events.hpp"
#include "modules/streams/types.hpp"

namespace keel::torture {

namespace {

// Of a command, a query or an event.
std::uint32_t module_of(std::uint32_t type) {
  return type >> 16;
}
constexpr std::uint32_t kLedger = ledger::kModule.value();
constexpr std::uint32_t kStreams = streams::kModule.value();
constexpr std::uint32_t kDevices = devices::kModule.value();

}  // namespace

Workload& MixedWorkload::drawn(sim::Random& random) {
  if (plan_.streams.on && random.draw(plan_.streams.share)) return streams_;
  if (plan_.devices.on && random.draw(plan_.devices.share)) return devices_;
  if (plan_.charging.on && random.draw(plan_.charging.share)) return charging_;
  return ledger_;
}

Workload& MixedWorkload::of(const Ask& ask) {
  if (module_of(ask.type) == kLedger) return ledger_;
  if (module_of(ask.type) == kStreams) return streams_;
  if (module_of(ask.type) == kDevices) return devices_;
  return charging_;
}

Oracle& MixedOracle::of(const Ask& ask) {
  if (module_of(ask.type) == kLedger) return ledger_;
  if (module_of(ask.type) == kStreams) return streams_;
  if (module_of(ask.type) == kDevices) return devices_;
  return charging_;
}

Finding MixedOracle::command(const Ask& ask, const Decided& decided) {
  return of(ask).command(ask, decided);
}

Finding MixedOracle::time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
  std::vector<Fact> money;
  std::vector<Fact> streams;
  std::vector<Fact> devices;
  for (const Fact& fact : facts) {
    const std::uint32_t module = module_of(fact.type);
    (module == kStreams ? streams : module == kDevices ? devices : money).push_back(fact);
  }
  if (!money.empty()) {
    if (const Finding wrong = money_passed(now, last, money)) return wrong;
  } else if (last != now) {
    return "its last cell time";
  }
  if (const Finding wrong = streams_.time_passed(now, now, streams)) return wrong;
  return devices_.time_passed(now, now, devices);
}

Finding MixedOracle::money_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
  const auto first = std::ranges::find_if(facts, [](const Fact& fact) {
    return fact.type != ledger::TransferExpired::kEventType.value();
  });
  if (first == facts.end()) return ledger_.time_passed(now, last, facts);
  if (first != facts.begin()) {
    const std::vector<Fact> expiries(facts.begin(), first);
    const Duration each = Duration::nanoseconds(static_cast<std::int64_t>(expiries.size()) - 1);
    if (const Finding wrong = ledger_.time_passed(now, now + each, expiries)) return wrong;
  }
  return charging_.time_passed(now, last, std::vector<Fact>(first, facts.end()));
}

Finding MixedOracle::query(const Ask& ask, ByteView reply) {
  return of(ask).query(ask, reply);
}

Finding MixedOracle::at_rest(const Rest& rest) {
  if (const Finding wrong = ledger_.at_rest(rest)) return wrong;
  if (const Finding wrong = charging_.at_rest(rest)) return wrong;
  if (const Finding wrong = streams_.at_rest(rest)) return wrong;
  return devices_.at_rest(rest);
}

Finding MixedOracle::refused(const Ask& ask, const Error& error) {
  return of(ask).refused(ask, error);
}

}  // namespace keel::torture
