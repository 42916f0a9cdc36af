// The routes below /v1/streams, which have two names in their paths, bodies of any bytes, and
// waits: so they are no rows of routes.hpp, but a table of their own. Api looks them up.
//
// Thread: the server's core. What it is given outlives it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/requests/client.hpp"
#include "servers/api/caller.hpp"
#include "servers/api/parameters.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

// One request under way.
struct StreamCall {
  Exchange& exchange;
  engine::CellClient& cell;
  Caller caller;
  CommandId id;
  std::string stream;    // what stood in the path
  std::string consumer;  // or empty
  Parameters parameters;
};

struct StreamRoute {
  http::Method method{};
  std::string_view path;  // with {stream} and {consumer}
  std::string_view summary;
  std::string_view parameters;  // names in the query, separated by spaces
  const StructInfo& (*request)() = nullptr;
  const StructInfo& (*response)() = nullptr;  // null: server-sent events
  runtime::Task<Result<>> (*answer)(StreamCall& call) = nullptr;
};

std::span<const StreamRoute> stream_routes() noexcept;

// The names in the place of {stream} and {consumer} when `path` fits the pattern.
struct StreamNames {
  std::string_view stream;
  std::string_view consumer;
};
std::optional<StreamNames> match_stream(std::string_view pattern, std::string_view path) noexcept;

}  // namespace keel::servers
