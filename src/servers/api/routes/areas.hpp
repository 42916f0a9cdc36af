// The routes of each area of the API; routes.cpp puts them together.
#pragma once

#include <span>

#include "servers/api/routes/routes.hpp"

namespace keel::servers {

std::span<const CommandRoute> ledger_command_routes() noexcept;
std::span<const QueryRoute> ledger_query_routes() noexcept;
std::span<const DocumentRoute> ledger_document_routes() noexcept;

std::span<const CommandRoute> charging_command_routes() noexcept;
std::span<const QueryRoute> charging_query_routes() noexcept;

std::span<const CommandRoute> device_command_routes() noexcept;
std::span<const QueryRoute> device_query_routes() noexcept;

}  // namespace keel::servers
