// What each command of charging decides; an overload a command. Private to this folder.
#pragma once

#include "modules/charging/decide/decision.hpp"

namespace keel::charging {

Result<Outcome> decide(const Decision& d, const Configure& asked);
Result<Outcome> decide(const Decision& d, const PublishTariff& asked);
Result<Outcome> decide(const Decision& d, const RegisterStation& asked);
Result<Outcome> decide(const Decision& d, const RegisterDriver& asked);
Result<Outcome> decide(const Decision& d, const RegisterToken& asked);
Result<Outcome> decide(const Decision& d, const ForgetDriver& asked);
Result<Outcome> decide(const Decision& d, const RegisterMeterKey& asked);
Result<Outcome> decide(const Decision& d, const BootStation& asked);
Result<Outcome> decide(const Decision& d, const SeenStations& asked);
Result<Outcome> decide(const Decision& d, const ReportStatus& asked);
Result<Outcome> decide(const Decision& d, const Authorize& asked);
Result<Outcome> decide(const Decision& d, const StartSession& asked);
Result<Outcome> decide(const Decision& d, const RecordReadings& asked);
Result<Outcome> decide(const Decision& d, const StopSession& asked);
Result<Outcome> decide(const Decision& d, const CloseSession& asked);
Result<Outcome> decide(const Decision& d, const NoteStation& asked);
Result<Outcome> decide(const Decision& d, const RequestCall& asked);
Result<Outcome> decide(const Decision& d, const EndCall& asked);

// What was due at or before now: one unit of work at least, then more while their events stay
// within `limit`.
void pass_time(const Decision& d, std::size_t limit);

}  // namespace keel::charging
