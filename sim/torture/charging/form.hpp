// Whether a command of charging is well-formed, as docs/charging.md and the comments at its fields
// bound it.
#pragma once

#include "modules/charging/requests.hpp"

namespace keel::torture {

bool well_formed(const charging::Configure& asked);
bool well_formed(const charging::PublishTariff& asked);
bool well_formed(const charging::RegisterStation& asked);
bool well_formed(const charging::RegisterDriver& asked);
bool well_formed(const charging::RegisterToken& asked);
bool well_formed(const charging::RegisterMeterKey& asked);
bool well_formed(const charging::ForgetDriver& asked);
bool well_formed(const charging::BootStation& asked);
bool well_formed(const charging::SeenStations& asked);
bool well_formed(const charging::ReportStatus& asked);
bool well_formed(const charging::Authorize& asked);
bool well_formed(const charging::StartSession& asked);
bool well_formed(const charging::RecordReadings& asked);
bool well_formed(const charging::StopSession& asked);
bool well_formed(const charging::CloseSession& asked);
bool well_formed(const charging::NoteStation& asked);
bool well_formed(const charging::RequestCall& asked);
bool well_formed(const charging::EndCall& asked);

}  // namespace keel::torture
