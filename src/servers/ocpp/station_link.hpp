// StationLink: one connection of a station: its requests are served in their order, and calls to it
// wait for their turn, one under way at a time.
//
// Lifetime: owned by its WebSocket's connection; known to the CentralSystem from serve() to its
// end. Thread: the server's core. Bound: StationLinkOptions::waiting_calls.
#pragma once

#include <deque>
#include <string>

#include "runtime/sync/notification.hpp"
#include "servers/charging/station_caller.hpp"
#include "servers/ocpp/station_requests.hpp"
#include "servers/websocket/socket.hpp"
#include "wire/ocpp/rpc.hpp"

namespace keel::servers {

class StationLink;

// A call to a station, in the frame of whoever makes it.
struct StationCall {
  StationCall(runtime::Core& core, std::string_view asked, std::string_view with, Timestamp until)
      : action(asked), payload(with), deadline(until), over(core) {}

  std::string action;
  std::string payload;          // JSON
  Timestamp deadline;           // monotonic; then nobody waits any more, and it is not sent
  StationLink* link = nullptr;  // while it waits or is under way
  bool sent = false;
  runtime::Notification over;
  CallOutcome outcome;
};

// Hears of links; the registry of stations.
class StationLinks {
 public:
  virtual void enter(StationLink& link) = 0;
  virtual void leave(StationLink& link) = 0;

 protected:
  ~StationLinks() = default;
};

struct StationLinkOptions {
  StationRequestOptions requests;
  ocpp::RpcLimits rpc;
  std::size_t waiting_calls = 8;
};

class StationLink final : public WebSocketService {
 public:
  // What is given outlives it, but for the station's name.
  StationLink(runtime::Core& core, StationLinks& links, StationEvents& events,
              const StationLinkOptions& options, const std::string& station,
              const ConnectionNonce& nonce);

  runtime::Task<> serve(WebSocket& socket) override;

  const std::string& station() const noexcept [[clang::lifetimebound]] { return station_; }
  const ocpp::RpcCounts& counts() const noexcept [[clang::lifetimebound]] { return rpc_.counts(); }
  // The error that a connection was closed for because something could not be stored; else null.
  bool not_stored() const noexcept { return not_stored_; }

  // When it said something last, on the wall clock, since this was last asked; zero: nothing.
  Timestamp take_heard() noexcept { return std::exchange(heard_at_, {}); }

  // Another connection of the same station has come.
  void replace();
  // False: as many wait as may.
  bool enqueue(StationCall& call);
  // Nobody waits for it any more.
  void withdraw(StationCall& call);

 private:
  runtime::Task<> listen(WebSocket& socket);
  // False: the connection is at its end.
  runtime::Task<bool> hear(WebSocket& socket, std::string_view text);
  runtime::Task<bool> send_output(WebSocket& socket);
  void finish_call();
  void send_next();
  void end(StationCall& call, CallOutcome outcome);
  void end_all();

  runtime::Core& core_;
  StationLinks& links_;
  const StationLinkOptions& options_;
  const std::string station_;
  StationRequests requests_;
  ocpp::Rpc rpc_;
  WebSocket* socket_ = nullptr;
  std::deque<StationCall*> calls_;  // the first one is under way when it was sent
  bool not_stored_ = false;
  Timestamp heard_at_;
};

}  // namespace keel::servers
