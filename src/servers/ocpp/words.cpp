#include "servers/ocpp/words.hpp"

namespace keel::servers {

using namespace ocpp::v16;

charging::ConnectorStatus to_charging(ChargePointStatus status) noexcept {
  using To = charging::ConnectorStatus;
  switch (status) {
    case ChargePointStatus::available:
      return To::available;
    case ChargePointStatus::preparing:
      return To::preparing;
    case ChargePointStatus::charging:
      return To::charging;
    case ChargePointStatus::suspended_evse:
      return To::suspended_by_station;
    case ChargePointStatus::suspended_ev:
      return To::suspended_by_vehicle;
    case ChargePointStatus::finishing:
      return To::finishing;
    case ChargePointStatus::reserved:
      return To::reserved;
    case ChargePointStatus::unavailable:
      return To::unavailable;
    case ChargePointStatus::faulted:
      return To::faulted;
  }
  return To::unknown;
}

charging::StopReason to_charging(ocpp::v16::StopReason reason) noexcept {
  using From = ocpp::v16::StopReason;
  using To = charging::StopReason;
  switch (reason) {
    case From::emergency_stop:
      return To::emergency_stop;
    case From::ev_disconnected:
      return To::vehicle_disconnected;
    case From::hard_reset:
      return To::hard_reset;
    case From::local:
      return To::local;
    case From::other:
      return To::other;
    case From::power_loss:
      return To::power_loss;
    case From::reboot:
      return To::reboot;
    case From::remote:
      return To::remote;
    case From::soft_reset:
      return To::soft_reset;
    case From::unlock_command:
      return To::unlock_command;
    case From::de_authorized:
      return To::deauthorized;
  }
  return To::other;
}

AuthorizationStatus to_ocpp(charging::TokenStatus status) noexcept {
  switch (status) {
    case charging::TokenStatus::accepted:
      return AuthorizationStatus::accepted;
    case charging::TokenStatus::blocked:
      return AuthorizationStatus::blocked;
    case charging::TokenStatus::expired:
      return AuthorizationStatus::expired;
    case charging::TokenStatus::invalid:
      return AuthorizationStatus::invalid;
    case charging::TokenStatus::concurrent:
      return AuthorizationStatus::concurrent_tx;
  }
  return AuthorizationStatus::invalid;
}

IdTagInfo to_ocpp(charging::TokenStatus status, Timestamp expires_at, const std::string& group) {
  constexpr std::size_t kIdTokenBytes = 20;
  IdTagInfo info{.status = to_ocpp(status)};
  if (expires_at.ns != 0) info.expiry_date = expires_at;
  if (!group.empty() && group.size() <= kIdTokenBytes) info.parent_id_tag = group;
  return info;
}

std::string cut_text(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  std::size_t size = most_bytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) --size;
  return std::string(text.substr(0, size));
}

}  // namespace keel::servers
