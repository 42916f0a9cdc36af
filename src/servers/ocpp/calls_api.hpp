// CallsApi: calls to stations over HTTP, for operators and their programs:
//
//   POST /v1/stations/{id}/calls/{action}?timeout_s=30    body: the payload of the OCPP action
//   → {"station":"CP-1","action":"Reset","result":"accepted","answer":{"status":"Accepted"}}
//
// `result` is a CallResult of module charging: accepted, rejected, failed, timed_out (what the
// station did is not known), not_sent. With an Idempotency-Key a call is made once. Everything that
// is not such a path goes to the next handler.
//
// Lifetime: what it is given outlives it. Thread: the server's core.
#pragma once

#include "servers/api/caller.hpp"
#include "servers/http/handler.hpp"
#include "servers/ocpp/central_system.hpp"

namespace keel::servers {

class CallsApi final : public Handler {
 public:
  CallsApi(runtime::Core& core, CentralSystem& stations, const Authenticator& authenticator,
           Handler& next)
      : core_(core), stations_(stations), authenticator_(authenticator), next_(next) {}

  runtime::Task<> handle(Exchange& exchange) override;

  static constexpr std::uint64_t kMostSeconds = 600;

 private:
  runtime::Task<Result<>> call(Exchange& exchange);

  runtime::Core& core_;
  CentralSystem& stations_;
  const Authenticator& authenticator_;
  Handler& next_;
};

}  // namespace keel::servers
