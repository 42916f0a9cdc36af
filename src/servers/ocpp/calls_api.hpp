// CallsApi: calls to stations over HTTP, for operators and their programs:
//
//   POST /v1/stations/{id}/calls/{action}?timeout_s=30    body: the payload of the action
//   → {"station":"CP-1","action":"Reset","result":"accepted","answer":{"status":"Accepted"}}
//
// `result` is a CallResult of module charging: accepted, rejected, failed, timed_out (what the
// station did is not known), not_sent. With an Idempotency-Key a call is made once. Everything that
// is not such a path goes to the next handler.
//
// Lifetime: what it is given outlives it. Thread: the server's core.
#pragma once

#include <vector>

#include "servers/api/caller.hpp"
#include "servers/charging/station_caller.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

class CallsApi final : public Handler {
 public:
  // A call goes to the first of the callers that knows its action. At least one.
  CallsApi(runtime::Core& core, std::vector<StationCaller*> callers,
           const Authenticator& authenticator, Handler& next)
      : core_(core), callers_(std::move(callers)), authenticator_(authenticator), next_(next) {
    KEEL_ASSERT(!callers_.empty());
  }

  runtime::Task<> handle(Exchange& exchange) override;

  static constexpr std::uint64_t kMostSeconds = 600;

 private:
  runtime::Task<Result<>> call(Exchange& exchange);
  // The first one where none knows it: its error says so.
  StationCaller& caller_of(std::string_view action) const noexcept;

  runtime::Core& core_;
  std::vector<StationCaller*> callers_;
  const Authenticator& authenticator_;
  Handler& next_;
};

}  // namespace keel::servers
