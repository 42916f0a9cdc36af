// Words that workload and oracle of charging share: all commands, what a start or a stop is known
// by, which states of a connector are idling.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>

#include "modules/charging/requests.hpp"

namespace keel::torture {

template <typename... C>
struct Commands {};
using AllCommands =
    Commands<charging::Configure, charging::PublishTariff, charging::RegisterStation,
             charging::RegisterDriver, charging::RegisterToken, charging::ForgetDriver,
             charging::RegisterMeterKey, charging::BootStation, charging::SeenStations,
             charging::ReportStatus, charging::Authorize, charging::StartSession,
             charging::RecordReadings, charging::StopSession, charging::CloseSession,
             charging::NoteStation, charging::RequestCall, charging::EndCall>;

inline std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// All that tells one start from another.
inline std::string words_of(const charging::StartSession& start) {
  return fmt::format("start {} {} {} {} {}", start.station, start.connector.value(),
                     start.register_wh, start.time.ns, start.token);
}
inline std::string words_of(const charging::StopSession& stop) {
  return fmt::format("stop {} {} {} {}", stop.station, stop.session.value(), stop.register_wh,
                     stop.time.ns);
}

// Nothing: the state says nothing of it.
inline std::optional<bool> idles_at(charging::ConnectorStatus status) {
  using enum charging::ConnectorStatus;
  if (status == suspended_by_vehicle || status == finishing) return true;
  if (status == charging || status == suspended_by_station) return false;
  return std::nullopt;
}

}  // namespace keel::torture
