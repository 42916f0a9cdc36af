// MemoryEvents: what stations say, kept in memory: stands in for a cell in tests. Each command
// takes a moment, as a disk would; the same id again gets the same reply. Every station whose name
// begins with a prefix is known; its secret is "secret"; the one called "<prefix>-blocked" is
// blocked. The token "GOOD" may charge.
//
// Thread: one core.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/core.hpp"
#include "servers/charging/station_events.hpp"

namespace keel::servers {

class MemoryEvents final : public StationEvents {
 public:
  MemoryEvents(runtime::Core& core, std::string prefix) : core_(core), prefix_(std::move(prefix)) {}

  runtime::Task<Result<Reply>> command(Said said, runtime::Wait wait) override;
  runtime::Task<Result<charging::StationCredentials::Answer>> credentials(
      std::string_view station, runtime::Wait wait) override;
  runtime::Task<Result<charging::MeterKeys::Answer>> meter_keys(std::string_view station,
                                                                runtime::Wait wait) override;

  int failures = 0;  // so many of the next commands fail for overload
  int commands = 0;
  int repeated = 0;
  std::vector<charging::StartSession> starts;
  std::vector<charging::StopSession> stops;
  std::size_t readings = 0;
  std::vector<charging::Reading> signed_readings;
  std::vector<charging::MeterKeys::Key> keys;  // of every station's meters
  std::vector<charging::NoteStation> notes;
  std::set<std::string> seen;
  std::vector<charging::CallResult> ended_calls;
  std::vector<uint128> correlations;  // of every command, in order; its own id where none is given
  std::vector<CausationId> messages;

 private:
  void decide(kernel::CommandType type, ByteView payload, Reply& reply);

  runtime::Core& core_;
  const std::string prefix_;
  std::map<uint128, Reply> replies_;
};

}  // namespace keel::servers
