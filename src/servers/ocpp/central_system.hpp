// CentralSystem: OCPP 1.6-J's central system behind a WebSocketHandler: lets stations in, serves
// what they ask (station_requests.hpp), knows which are connected, and calls them.
//
// Of one station the newest connection counts: it replaces an older one, which is closed. Thread:
// the server's core. Lifetime: the events outlive it; it outlives the HTTP server.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "runtime/core.hpp"
#include "servers/charging/station_caller.hpp"
#include "servers/ocpp/admission.hpp"
#include "servers/ocpp/station_link.hpp"
#include "servers/websocket/handler.hpp"

namespace keel::servers {

struct CentralSystemOptions {
  std::string path = "/ocpp/";
  std::uint8_t least_profile = 1;  // security profile; admission.hpp
  StationLinkOptions links;
  Duration admission_timeout = Duration::seconds(10);
  Duration seen_every = Duration::seconds(60);  // stations heard of are told to the cell
};

struct CentralSystemStats {
  std::uint64_t refused = 0;     // at the door
  std::uint64_t replaced = 0;    // connections, by newer ones
  std::uint64_t not_stored = 0;  // connections closed because something could not be stored
  std::uint64_t requests = 0;    // of stations; of connections that have ended, as all below
  std::uint64_t repeated = 0;
  std::uint64_t refused_requests = 0;
  std::uint64_t stray_answers = 0;  // late, repeated, to nothing
  std::uint64_t bad_messages = 0;
  std::uint64_t calls = 0;  // to stations
};

class CentralSystem final : public WebSocketProtocol, public StationCaller, private StationLinks {
 public:
  CentralSystem(runtime::Core& core, StationEvents& events, CentralSystemOptions options = {});
  ~CentralSystem() override;

  std::string_view name() const noexcept override;
  runtime::Task<std::unique_ptr<WebSocketService>> admit(Exchange& exchange) override;

  // Tells the cell now and then which stations were heard of; until it is called off.
  runtime::Task<> run(runtime::Wait wait);

  bool knows(std::string_view action) const noexcept override;
  // Beside StationCaller's errors: kNoSuchAction, kActionNotSupported, errors of base/json.
  runtime::Task<Result<CallOutcome>> call(Call call, runtime::Wait wait) override;

  std::size_t connected() const noexcept { return links_.size(); }
  bool is_connected(std::string_view station) const { return links_.contains(station); }
  const CentralSystemStats& stats() const noexcept [[clang::lifetimebound]] { return stats_; }

 private:
  void enter(StationLink& link) override;
  void leave(StationLink& link) override;
  void heard(StationLink& link);
  runtime::Task<CallOutcome> make_call(const Call& call, runtime::Wait wait);
  runtime::Task<> tell_seen(runtime::Wait wait);
  void refuse(Exchange& exchange, http::Status status, std::string_view code);
  ConnectionNonce draw_nonce();

  runtime::Core& core_;
  StationEvents& events_;
  CentralSystemOptions options_;
  CentralSystemStats stats_;
  std::map<std::string, StationLink*, std::less<>> links_;
  // Stations that were heard of and have gone since it was last told; wall clock.
  std::map<std::string, Timestamp, std::less<>> seen_;
  ConnectionNonce nonce_;
  std::uint64_t occasions_ = 0;
};

}  // namespace keel::servers
