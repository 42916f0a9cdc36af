#include "servers/api/routes/routes.hpp"

#include <vector>

#include "servers/api/routes/areas.hpp"

namespace keel::servers {
namespace {

template <typename Route>
std::vector<Route> together(std::initializer_list<std::span<const Route>> areas) {
  std::vector<Route> all;
  for (const std::span<const Route> area : areas) all.insert(all.end(), area.begin(), area.end());
  return all;
}

}  // namespace

std::span<const CommandRoute> command_routes() noexcept {
  static const std::vector<CommandRoute> all = together<CommandRoute>(
      {ledger_command_routes(), charging_command_routes(), device_command_routes()});
  return all;
}

std::span<const QueryRoute> query_routes() noexcept {
  static const std::vector<QueryRoute> all =
      together<QueryRoute>({ledger_query_routes(), charging_query_routes(), device_query_routes()});
  return all;
}

std::span<const DocumentRoute> document_routes() noexcept {
  return ledger_document_routes();
}

}  // namespace keel::servers
