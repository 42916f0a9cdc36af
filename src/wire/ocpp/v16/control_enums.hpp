// Enumerations of what central systems ask for (OCPP 1.6 edition 2, section 7).
#pragma once

#include <cstdint>

#include "base/describe/describe.hpp"

namespace keel::ocpp::v16 {

enum class AvailabilityType : std::uint8_t {
  inoperative,
  operative,
};
constexpr auto description(std::type_identity<AvailabilityType>) {
  using enum AvailabilityType;
  return describe_enum<AvailabilityType>("ocpp16.AvailabilityType",
                                         enumerator("Inoperative", inoperative),
                                         enumerator("Operative", operative));
}

enum class AvailabilityStatus : std::uint8_t {
  accepted,
  rejected,
  scheduled,
};
constexpr auto description(std::type_identity<AvailabilityStatus>) {
  using enum AvailabilityStatus;
  return describe_enum<AvailabilityStatus>(
      "ocpp16.AvailabilityStatus", enumerator("Accepted", accepted),
      enumerator("Rejected", rejected), enumerator("Scheduled", scheduled));
}

enum class ConfigurationStatus : std::uint8_t {
  accepted,
  rejected,
  reboot_required,
  not_supported,
};
constexpr auto description(std::type_identity<ConfigurationStatus>) {
  using enum ConfigurationStatus;
  return describe_enum<ConfigurationStatus>(
      "ocpp16.ConfigurationStatus", enumerator("Accepted", accepted),
      enumerator("Rejected", rejected), enumerator("RebootRequired", reboot_required),
      enumerator("NotSupported", not_supported));
}

enum class AcceptedOrRejected : std::uint8_t {
  accepted,
  rejected,
};
constexpr auto description(std::type_identity<AcceptedOrRejected>) {
  using enum AcceptedOrRejected;
  return describe_enum<AcceptedOrRejected>("ocpp16.AcceptedOrRejected",
                                           enumerator("Accepted", accepted),
                                           enumerator("Rejected", rejected));
}

enum class ResetType : std::uint8_t {
  hard,
  soft,
};
constexpr auto description(std::type_identity<ResetType>) {
  using enum ResetType;
  return describe_enum<ResetType>("ocpp16.ResetType", enumerator("Hard", hard),
                                  enumerator("Soft", soft));
}

enum class UpdateType : std::uint8_t {
  differential,
  full,
};
constexpr auto description(std::type_identity<UpdateType>) {
  using enum UpdateType;
  return describe_enum<UpdateType>("ocpp16.UpdateType", enumerator("Differential", differential),
                                   enumerator("Full", full));
}

enum class UpdateStatus : std::uint8_t {
  accepted,
  failed,
  not_supported,
  version_mismatch,
};
constexpr auto description(std::type_identity<UpdateStatus>) {
  using enum UpdateStatus;
  return describe_enum<UpdateStatus>(
      "ocpp16.UpdateStatus", enumerator("Accepted", accepted), enumerator("Failed", failed),
      enumerator("NotSupported", not_supported), enumerator("VersionMismatch", version_mismatch));
}

enum class MessageTrigger : std::uint8_t {
  boot_notification,
  diagnostics_status_notification,
  firmware_status_notification,
  heartbeat,
  meter_values,
  status_notification,
};
constexpr auto description(std::type_identity<MessageTrigger>) {
  using enum MessageTrigger;
  return describe_enum<MessageTrigger>(
      "ocpp16.MessageTrigger", enumerator("BootNotification", boot_notification),
      enumerator("DiagnosticsStatusNotification", diagnostics_status_notification),
      enumerator("FirmwareStatusNotification", firmware_status_notification),
      enumerator("Heartbeat", heartbeat), enumerator("MeterValues", meter_values),
      enumerator("StatusNotification", status_notification));
}

enum class TriggerMessageStatus : std::uint8_t {
  accepted,
  rejected,
  not_implemented,
};
constexpr auto description(std::type_identity<TriggerMessageStatus>) {
  using enum TriggerMessageStatus;
  return describe_enum<TriggerMessageStatus>(
      "ocpp16.TriggerMessageStatus", enumerator("Accepted", accepted),
      enumerator("Rejected", rejected), enumerator("NotImplemented", not_implemented));
}

enum class UnlockStatus : std::uint8_t {
  unlocked,
  unlock_failed,
  not_supported,
};
constexpr auto description(std::type_identity<UnlockStatus>) {
  using enum UnlockStatus;
  return describe_enum<UnlockStatus>("ocpp16.UnlockStatus", enumerator("Unlocked", unlocked),
                                     enumerator("UnlockFailed", unlock_failed),
                                     enumerator("NotSupported", not_supported));
}

}  // namespace keel::ocpp::v16
