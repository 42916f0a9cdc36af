#include "servers/api/routes/handmade_routes.hpp"

#include <array>

#include "servers/api/routes/routes.hpp"

namespace keel::servers {
namespace {

using http::Method;

constexpr std::array kRoutes{
    HandmadeRoute{Handmade::health, "/healthz", Method::get,
                  "The process is alive. Needs no token."},
    HandmadeRoute{Handmade::readiness, "/readyz", Method::get, "The cell serves. Needs no token."},
    HandmadeRoute{Handmade::metrics, "/metrics", Method::get,
                  "Metrics in Prometheus' text format."},
    HandmadeRoute{Handmade::openapi, "/openapi.json", Method::get, "This document."},
    HandmadeRoute{Handmade::head, "/v1/head", Method::get,
                  "The signed chain head of what is durable now."},
    HandmadeRoute{Handmade::events, "/v1/events", Method::get,
                  "The journal's records as server-sent events; after: start, end or a position; "
                  "types: names of events or modules.",
                  "after types outcomes cell"},
    HandmadeRoute{Handmade::erase, "/v1/subjects/{id}/erase", Method::post,
                  "Destroys the key of a person: what is personal of them is unreadable "
                  "everywhere, for ever."},
    HandmadeRoute{Handmade::credentials, "/v1/devices/{id}/credentials", Method::post,
                  "Sets by what a device proves who it is: password, token, certificate; each only "
                  "when given.",
                  "", true},
    HandmadeRoute{Handmade::call_station, "/v1/stations/{id}/calls/{action}", Method::post,
                  "Calls a station: an action of OCPP 1.6 (Reset), or of terminals over MQTT "
                  "(start, stop, unlock, reset). The body is the action's payload. Answered when "
                  "the call has ended: result is accepted, rejected, failed, timed_out or "
                  "not_sent.",
                  "timeout_s", true},
};

}  // namespace

std::span<const HandmadeRoute> handmade_routes() noexcept {
  return kRoutes;
}

const HandmadeRoute* find_handmade(std::string_view path, std::string_view& value) noexcept {
  for (const HandmadeRoute& each : kRoutes)
    if (each.what != Handmade::call_station && matches(each.path, path, value)) return &each;
  return nullptr;
}

}  // namespace keel::servers
