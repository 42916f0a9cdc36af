// One command, tried again while its outcome is not known or the cell is overloaded.
//
// Thread: the server's core.
#pragma once

#include "runtime/core.hpp"
#include "servers/charging/station_events.hpp"

namespace keel::servers {

struct RetryOptions {
  std::uint32_t attempts = 6;                          // of one command
  Duration first_pause = Duration::milliseconds(100);  // twice as long each time
};

// The reply, durable; after the last attempt its error.
runtime::Task<Result<StationEvents::Reply>> submit_until_known(runtime::Core& core,
                                                               StationEvents& events,
                                                               const RetryOptions& options,
                                                               StationEvents::Said said,
                                                               runtime::Wait wait);

// The same command may succeed later.
bool may_go_better(const Error& error) noexcept;

}  // namespace keel::servers
