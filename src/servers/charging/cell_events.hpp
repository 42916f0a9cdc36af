// CellEvents: a cell with module charging, as the port of stations' servers.
//
// Lifetime: the client outlives it. Thread: the client's core.
#pragma once

#include "engine/requests/client.hpp"
#include "servers/charging/station_events.hpp"

namespace keel::servers {

class CellEvents final : public StationEvents {
 public:
  // What stations say is said in this tenant, by this principal.
  CellEvents(engine::CellClient& cell, TenantId tenant, PrincipalId principal)
      : cell_(cell), tenant_(tenant), principal_(principal) {}

  runtime::Task<Result<Reply>> command(Said said, runtime::Wait wait) override;
  runtime::Task<Result<charging::StationCredentials::Answer>> credentials(
      std::string_view station, runtime::Wait wait) override;
  runtime::Task<Result<charging::MeterKeys::Answer>> meter_keys(std::string_view station,
                                                                runtime::Wait wait) override;

 private:
  // Asks about one station.
  template <typename Query>
  runtime::Task<Result<typename Query::Answer>> ask(std::string_view station, runtime::Wait wait);

  engine::CellClient& cell_;
  TenantId tenant_;
  PrincipalId principal_;
};

}  // namespace keel::servers
