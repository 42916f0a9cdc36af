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

// What becomes of a record that says whose session it is (a card's number, an e-mail address), and
// that nobody can erase from a journal (docs/decisions/0016).
enum class NamedRecords : std::uint8_t {
  keep,    // as it came: whoever has it can check it, and read whom it names
  digest,  // its SHA-256 alone, as "sha256:" and hexadecimal, once it was checked; no signature is
           // claimed, and no bill shows it
};

struct SignedRecordOptions {
  const MeterSignatures* signatures =
      nullptr;  // null: kept as not checked; else outlives its users
  NamedRecords named = NamedRecords::keep;
};

// Each signed_value is what the station gave, of any length; afterwards it is the record, or (when
// it is none) the first kMaxSignedReading bytes of what came. Where there is nothing signed,
// nothing is asked and nothing waits. Errors of the port; kQueueFull of the offload thread.
runtime::Task<Result<>> check_signatures(runtime::Core& core, StationEvents& events,
                                         SignedRecordOptions options, std::string_view station,
                                         std::vector<charging::Reading>& readings,
                                         runtime::Wait wait);

// The part that does not wait: `keys` are those that are registered.
void check_signature(const SignedRecordOptions& options,
                     const std::vector<charging::MeterKeys::Key>& keys, charging::Reading& reading);

}  // namespace keel::servers
