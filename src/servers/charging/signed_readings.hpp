// Signed meter values on their way to the cell: taken out of what a station wraps them in, and
// their signatures checked, by the keys that are registered for the station's meters, else by the
// key that came along. What comes of it stands in each reading; which key is the right one is for
// the module.
//
// Thread: the server's core; the checking itself is done on the offload thread.
#pragma once

#include <vector>

#include "modules/charging/requests.hpp"
#include "runtime/core.hpp"
#include "servers/charging/meter_signatures.hpp"
#include "servers/charging/station_events.hpp"

namespace keel::servers {

// Each signed_value is what the station gave, of any length; afterwards it is the record, or (when
// it is none) the first kMaxSignedReading bytes of what came. Where there is nothing signed,
// nothing is asked and nothing waits. Errors of the port; kQueueFull of the offload thread.
runtime::Task<Result<>> check_signatures(runtime::Core& core, StationEvents& events,
                                         const MeterSignatures* signatures,
                                         std::string_view station,
                                         std::vector<charging::Reading>& readings,
                                         runtime::Wait wait);

// The part that does not wait: `keys` are those that are registered. Null signatures: unchecked.
void check_signature(const MeterSignatures* signatures,
                     const std::vector<charging::MeterKeys::Key>& keys, charging::Reading& reading);

}  // namespace keel::servers
