// What each command of devices decides; an overload a command. Private to this folder.
#pragma once

#include "modules/devices/decide/decision.hpp"

namespace keel::devices {

Result<Outcome> decide(const Decision& d, const RegisterDevice& asked);
Result<Outcome> decide(const Decision& d, const SetCredentials& asked);
Result<Outcome> decide(const Decision& d, const RemoveDevice& asked);
Result<Outcome> decide(const Decision& d, const UpdateTwin& asked);
Result<Outcome> decide(const Decision& d, const TakeChanges& asked);
Result<Outcome> decide(const Decision& d, const SeeDevices& asked);
Result<Outcome> decide(const Decision& d, const PublishTwins& asked);
Result<Outcome> decide(const Decision& d, const CallMethod& asked);
Result<Outcome> decide(const Decision& d, const SendCall& asked);
Result<Outcome> decide(const Decision& d, const EndCall& asked);

// What was due at or before now, at most `limit` events; their number.
std::size_t pass_time(const Decision& d, std::size_t limit);

}  // namespace keel::devices
