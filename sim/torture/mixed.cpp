#include "sim/torture/mixed.hpp"

#include <algorithm>

#include "modules/ledger/events.hpp"

namespace keel::torture {

Finding MixedOracle::command(const Ask& ask, const Decided& decided) {
  return of(ask).command(ask, decided);
}

Finding MixedOracle::time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
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

Finding MixedOracle::at_rest(Timestamp now) {
  if (const Finding wrong = ledger_.at_rest(now)) return wrong;
  return charging_.at_rest(now);
}

Finding MixedOracle::refused(const Ask& ask, const Error& error) {
  return of(ask).refused(ask, error);
}

}  // namespace keel::torture
