// CellEvents: a cell with module charging, as the central system's port.
//
// Lifetime: the client outlives it. Thread: the client's core.
#pragma once

#include "engine/requests/client.hpp"
#include "servers/ocpp/station_events.hpp"

namespace keel::servers {

class CellEvents final : public StationEvents {
 public:
  // What stations say is said in this tenant, by this principal.
  CellEvents(engine::CellClient& cell, TenantId tenant, PrincipalId principal)
      : cell_(cell), tenant_(tenant), principal_(principal) {}

  runtime::Task<Result<Reply>> command(Said said, runtime::Wait wait) override;
  runtime::Task<Result<charging::StationCredentials::Answer>> credentials(
      std::string_view station, runtime::Wait wait) override;

 private:
  engine::CellClient& cell_;
  TenantId tenant_;
  PrincipalId principal_;
};

}  // namespace keel::servers
