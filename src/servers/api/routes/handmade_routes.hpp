// The routes that no table of routes.hpp makes: each is answered by code of its own. What is in
// here is served and stands in the OpenAPI document; what is not, is not.
#pragma once

#include <span>
#include <string_view>

#include "wire/http/head/status.hpp"

namespace keel::servers {

enum class Handmade : std::uint8_t {
  health,
  readiness,
  metrics,
  openapi,
  head,
  events,
  erase,
  credentials,
  call_station,  // not by Api: servers/ocpp/calls_api.hpp, where there are stations to call
};

struct HandmadeRoute {
  Handmade what;
  std::string_view path;  // names in braces stand for one part of it
  http::Method method;    // get (head, too) or post
  std::string_view summary;
  std::string_view parameters = {};  // names in the query, separated by spaces
  bool takes_key = false;            // Idempotency-Key: done once, however often it is sent
};

std::span<const HandmadeRoute> handmade_routes() noexcept;

// The one that Api answers at this path, whatever the method; `value` is what stands in the place
// of "{id}". Null: none.
const HandmadeRoute* find_handmade(std::string_view path, std::string_view& value) noexcept;

}  // namespace keel::servers
