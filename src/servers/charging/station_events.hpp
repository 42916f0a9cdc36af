// StationEvents: the port between the servers of stations and whatever keeps what stations say.
// Commands and answers are those of module charging (requests.hpp, queries.hpp); behind it stands a
// cell (cell_events.hpp), or in tests something in memory.
//
// Thread: the server's core.
#pragma once

#include <string_view>

#include "base/describe/wire.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "kernel/types.hpp"
#include "modules/charging/queries.hpp"
#include "modules/charging/requests.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"

namespace keel::servers {

class StationEvents {
 public:
  struct Said {
    CommandId id;
    kernel::CommandType type;
    ByteView payload;
    CorrelationId correlation;  // zero: the command's own id
    CausationId message;        // of OCPP (wire/ocpp/message_name.hpp); zero: none
  };
  struct Reply {
    charging::OutcomeCode outcome{};
    bool repeated = false;  // this id had been answered before
    Bytes payload;          // of the type's Answer
  };

  virtual ~StationEvents() = default;
  // Returns when what it says is durable. The same id again gets the same reply. An error means
  // that nothing is known of it: the same id may be tried again.
  virtual runtime::Task<Result<Reply>> command(Said said, runtime::Wait wait) = 0;
  virtual runtime::Task<Result<charging::StationCredentials::Answer>> credentials(
      std::string_view station, runtime::Wait wait) = 0;
  // The registered keys of a station's meters.
  virtual runtime::Task<Result<charging::MeterKeys::Answer>> meter_keys(std::string_view station,
                                                                        runtime::Wait wait) = 0;
};

}  // namespace keel::servers
