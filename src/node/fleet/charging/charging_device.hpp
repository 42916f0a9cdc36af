// ChargingDevice: a simulated device at which drivers charge, whatever it speaks: what a fleet asks
// of it. And the plan of one session, and who hears how it goes.
//
// Thread: one core, one task.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "runtime/core.hpp"

namespace keel::node {

// How long a device waits for one answer.
inline constexpr Duration kAnswerTime = Duration::seconds(30);

struct SessionPlan {
  std::string token;
  std::uint16_t connector = 1;
  std::int32_t step_wh = 500;      // between two readings
  std::uint32_t readings = 4;      // between start and stop
  Duration pause;                  // between two readings, real time
  Duration clock_error;            // how far the device's clock is ahead; behind when negative
  std::uint32_t replay_every = 0;  // each so-many-th message is said twice, as it was
  std::uint32_t cut_every = 0;     // the connection is cut after so many messages, and made again
};

// A session whose end was acknowledged.
struct AcknowledgedSession {
  std::uint32_t session = 0;
  std::optional<std::uint64_t> total;  // minor units, where the device was told
};

// Hears each step when it has been answered: durable, where it is to be.
class SessionListener {
 public:
  virtual void answered(std::string_view message, Duration took) = 0;
  virtual void reconnected() {}
  // The stop was answered; at once, before anything else is said.
  virtual void ended(const AcknowledgedSession& session) { static_cast<void>(session); }

 protected:
  ~SessionListener() = default;
};

class ChargingDevice {
 public:
  virtual ~ChargingDevice() = default;

  // Connects, again if it was connected before, and says that it has started. Errors of the
  // connection; fleet.not_let_in.
  virtual runtime::Task<Result<>> connect(SessionListener& listener, runtime::Wait wait) = 0;
  // One session, from plugging in to plugging out; its meter goes on where the last one left it.
  // fleet.not_let_in when the token may not charge; errors of the connection, after which connect()
  // is next.
  virtual runtime::Task<Result<>> charge(const SessionPlan& plan, SessionListener& listener,
                                         runtime::Wait wait) = 0;
  // The orderly end, and the other one.
  virtual runtime::Task<> close(runtime::Wait wait) = 0;
  virtual void cut() noexcept = 0;
};

}  // namespace keel::node
