#include "servers/api/routes.hpp"

#include <vector>

namespace keel::servers {
namespace {

template <typename Route>
std::vector<Route> joined(std::span<const Route> first, std::span<const Route> second) {
  std::vector<Route> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

}  // namespace

std::span<const CommandRoute> command_routes() noexcept {
  static const std::vector<CommandRoute> kAll =
      joined(ledger_command_routes(), charging_command_routes());
  return kAll;
}

std::span<const QueryRoute> query_routes() noexcept {
  static const std::vector<QueryRoute> kAll =
      joined(ledger_query_routes(), charging_query_routes());
  return kAll;
}

}  // namespace keel::servers
