// Enumerations of what charge points say (OCPP 1.6 edition 2, section 7).
#pragma once

#include <cstdint>

#include "base/describe/describe.hpp"

namespace keel::ocpp::v16 {

enum class AuthorizationStatus : std::uint8_t {
  accepted,
  blocked,
  expired,
  invalid,
  concurrent_tx,
};
constexpr auto description(std::type_identity<AuthorizationStatus>) {
  using enum AuthorizationStatus;
  return describe_enum<AuthorizationStatus>(
      "ocpp16.AuthorizationStatus", enumerator("Accepted", accepted),
      enumerator("Blocked", blocked), enumerator("Expired", expired),
      enumerator("Invalid", invalid), enumerator("ConcurrentTx", concurrent_tx));
}

enum class RegistrationStatus : std::uint8_t {
  accepted,
  pending,
  rejected,
};
constexpr auto description(std::type_identity<RegistrationStatus>) {
  using enum RegistrationStatus;
  return describe_enum<RegistrationStatus>(
      "ocpp16.RegistrationStatus", enumerator("Accepted", accepted), enumerator("Pending", pending),
      enumerator("Rejected", rejected));
}

enum class ChargePointErrorCode : std::uint8_t {
  connector_lock_failure,
  ev_communication_error,
  ground_failure,
  high_temperature,
  internal_error,
  local_list_conflict,
  no_error,
  other_error,
  over_current_failure,
  power_meter_failure,
  power_switch_failure,
  reader_failure,
  reset_failure,
  under_voltage,
  over_voltage,
  weak_signal,
};
constexpr auto description(std::type_identity<ChargePointErrorCode>) {
  using enum ChargePointErrorCode;
  return describe_enum<ChargePointErrorCode>(
      "ocpp16.ChargePointErrorCode", enumerator("ConnectorLockFailure", connector_lock_failure),
      enumerator("EVCommunicationError", ev_communication_error),
      enumerator("GroundFailure", ground_failure), enumerator("HighTemperature", high_temperature),
      enumerator("InternalError", internal_error),
      enumerator("LocalListConflict", local_list_conflict), enumerator("NoError", no_error),
      enumerator("OtherError", other_error), enumerator("OverCurrentFailure", over_current_failure),
      enumerator("PowerMeterFailure", power_meter_failure),
      enumerator("PowerSwitchFailure", power_switch_failure),
      enumerator("ReaderFailure", reader_failure), enumerator("ResetFailure", reset_failure),
      enumerator("UnderVoltage", under_voltage), enumerator("OverVoltage", over_voltage),
      enumerator("WeakSignal", weak_signal));
}

enum class ChargePointStatus : std::uint8_t {
  available,
  preparing,
  charging,
  suspended_evse,
  suspended_ev,
  finishing,
  reserved,
  unavailable,
  faulted,
};
constexpr auto description(std::type_identity<ChargePointStatus>) {
  using enum ChargePointStatus;
  return describe_enum<ChargePointStatus>(
      "ocpp16.ChargePointStatus", enumerator("Available", available),
      enumerator("Preparing", preparing), enumerator("Charging", charging),
      enumerator("SuspendedEVSE", suspended_evse), enumerator("SuspendedEV", suspended_ev),
      enumerator("Finishing", finishing), enumerator("Reserved", reserved),
      enumerator("Unavailable", unavailable), enumerator("Faulted", faulted));
}

enum class StopReason : std::uint8_t {
  emergency_stop,
  ev_disconnected,
  hard_reset,
  local,
  other,
  power_loss,
  reboot,
  remote,
  soft_reset,
  unlock_command,
  de_authorized,
};
constexpr auto description(std::type_identity<StopReason>) {
  using enum StopReason;
  return describe_enum<StopReason>(
      "ocpp16.StopReason", enumerator("EmergencyStop", emergency_stop),
      enumerator("EVDisconnected", ev_disconnected), enumerator("HardReset", hard_reset),
      enumerator("Local", local), enumerator("Other", other), enumerator("PowerLoss", power_loss),
      enumerator("Reboot", reboot), enumerator("Remote", remote),
      enumerator("SoftReset", soft_reset), enumerator("UnlockCommand", unlock_command),
      enumerator("DeAuthorized", de_authorized));
}

enum class DataTransferStatus : std::uint8_t {
  accepted,
  rejected,
  unknown_message_id,
  unknown_vendor_id,
};
constexpr auto description(std::type_identity<DataTransferStatus>) {
  using enum DataTransferStatus;
  return describe_enum<DataTransferStatus>(
      "ocpp16.DataTransferStatus", enumerator("Accepted", accepted),
      enumerator("Rejected", rejected), enumerator("UnknownMessageId", unknown_message_id),
      enumerator("UnknownVendorId", unknown_vendor_id));
}

enum class DiagnosticsStatus : std::uint8_t {
  idle,
  uploaded,
  upload_failed,
  uploading,
};
constexpr auto description(std::type_identity<DiagnosticsStatus>) {
  using enum DiagnosticsStatus;
  return describe_enum<DiagnosticsStatus>(
      "ocpp16.DiagnosticsStatus", enumerator("Idle", idle), enumerator("Uploaded", uploaded),
      enumerator("UploadFailed", upload_failed), enumerator("Uploading", uploading));
}

enum class FirmwareStatus : std::uint8_t {
  downloaded,
  download_failed,
  downloading,
  idle,
  installation_failed,
  installing,
  installed,
};
constexpr auto description(std::type_identity<FirmwareStatus>) {
  using enum FirmwareStatus;
  return describe_enum<FirmwareStatus>(
      "ocpp16.FirmwareStatus", enumerator("Downloaded", downloaded),
      enumerator("DownloadFailed", download_failed), enumerator("Downloading", downloading),
      enumerator("Idle", idle), enumerator("InstallationFailed", installation_failed),
      enumerator("Installing", installing), enumerator("Installed", installed));
}

}  // namespace keel::ocpp::v16
