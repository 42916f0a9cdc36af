// OCPP 1.6's words as those of module charging, and back.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "modules/charging/requests.hpp"
#include "wire/ocpp/v16/authorization.hpp"
#include "wire/ocpp/v16/station_enums.hpp"

namespace keel::servers {

charging::ConnectorStatus to_charging(ocpp::v16::ChargePointStatus status) noexcept;
charging::StopReason to_charging(ocpp::v16::StopReason reason) noexcept;
ocpp::v16::AuthorizationStatus to_ocpp(charging::TokenStatus status) noexcept;
ocpp::v16::IdTagInfo to_ocpp(charging::TokenStatus status, Timestamp expires_at,
                             const std::string& group);

// The beginning of a text, not cut inside a character.
std::string cut_text(std::string_view text, std::size_t most_bytes);

// An enumerator as it is spelled.
template <DescribedEnum E>
std::string_view name_of(E value) {
  for (const EnumeratorInfo& each : description(std::type_identity<E>{}).enumerators)
    if (each.value == static_cast<std::uint64_t>(value)) return each.name;
  return {};
}

}  // namespace keel::servers
