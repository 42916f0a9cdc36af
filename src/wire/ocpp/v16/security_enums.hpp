// Enumerations of "Improved security for OCPP 1.6-J" (edition 2, section 5).
#pragma once

#include <cstdint>

#include "base/describe/describe.hpp"

namespace keel::ocpp::v16 {

enum class UploadLogStatus : std::uint8_t {
  bad_message,
  idle,
  not_supported_operation,
  permission_denied,
  uploaded,
  upload_failure,
  uploading,
};
constexpr auto description(std::type_identity<UploadLogStatus>) {
  using enum UploadLogStatus;
  return describe_enum<UploadLogStatus>(
      "ocpp16.UploadLogStatus", enumerator("BadMessage", bad_message), enumerator("Idle", idle),
      enumerator("NotSupportedOperation", not_supported_operation),
      enumerator("PermissionDenied", permission_denied), enumerator("Uploaded", uploaded),
      enumerator("UploadFailure", upload_failure), enumerator("Uploading", uploading));
}

enum class SignedFirmwareStatus : std::uint8_t {
  downloaded,
  download_failed,
  downloading,
  download_scheduled,
  download_paused,
  idle,
  installation_failed,
  installing,
  installed,
  install_rebooting,
  install_scheduled,
  install_verification_failed,
  invalid_signature,
  signature_verified,
};
constexpr auto description(std::type_identity<SignedFirmwareStatus>) {
  using enum SignedFirmwareStatus;
  return describe_enum<SignedFirmwareStatus>(
      "ocpp16.SignedFirmwareStatus", enumerator("Downloaded", downloaded),
      enumerator("DownloadFailed", download_failed), enumerator("Downloading", downloading),
      enumerator("DownloadScheduled", download_scheduled),
      enumerator("DownloadPaused", download_paused), enumerator("Idle", idle),
      enumerator("InstallationFailed", installation_failed), enumerator("Installing", installing),
      enumerator("Installed", installed), enumerator("InstallRebooting", install_rebooting),
      enumerator("InstallScheduled", install_scheduled),
      enumerator("InstallVerificationFailed", install_verification_failed),
      enumerator("InvalidSignature", invalid_signature),
      enumerator("SignatureVerified", signature_verified));
}

enum class HashAlgorithm : std::uint8_t {
  sha256,
  sha384,
  sha512,
};
constexpr auto description(std::type_identity<HashAlgorithm>) {
  using enum HashAlgorithm;
  return describe_enum<HashAlgorithm>("ocpp16.HashAlgorithm", enumerator("SHA256", sha256),
                                      enumerator("SHA384", sha384), enumerator("SHA512", sha512));
}

enum class DeleteCertificateStatus : std::uint8_t {
  accepted,
  failed,
  not_found,
};
constexpr auto description(std::type_identity<DeleteCertificateStatus>) {
  using enum DeleteCertificateStatus;
  return describe_enum<DeleteCertificateStatus>(
      "ocpp16.DeleteCertificateStatus", enumerator("Accepted", accepted),
      enumerator("Failed", failed), enumerator("NotFound", not_found));
}

enum class ExtendedMessageTrigger : std::uint8_t {
  boot_notification,
  log_status_notification,
  firmware_status_notification,
  heartbeat,
  meter_values,
  sign_charge_point_certificate,
  status_notification,
};
constexpr auto description(std::type_identity<ExtendedMessageTrigger>) {
  using enum ExtendedMessageTrigger;
  return describe_enum<ExtendedMessageTrigger>(
      "ocpp16.ExtendedMessageTrigger", enumerator("BootNotification", boot_notification),
      enumerator("LogStatusNotification", log_status_notification),
      enumerator("FirmwareStatusNotification", firmware_status_notification),
      enumerator("Heartbeat", heartbeat), enumerator("MeterValues", meter_values),
      enumerator("SignChargePointCertificate", sign_charge_point_certificate),
      enumerator("StatusNotification", status_notification));
}

enum class CertificateUse : std::uint8_t {
  central_system_root_certificate,
  manufacturer_root_certificate,
};
constexpr auto description(std::type_identity<CertificateUse>) {
  using enum CertificateUse;
  return describe_enum<CertificateUse>(
      "ocpp16.CertificateUse",
      enumerator("CentralSystemRootCertificate", central_system_root_certificate),
      enumerator("ManufacturerRootCertificate", manufacturer_root_certificate));
}

enum class InstalledCertificateStatus : std::uint8_t {
  accepted,
  not_found,
};
constexpr auto description(std::type_identity<InstalledCertificateStatus>) {
  using enum InstalledCertificateStatus;
  return describe_enum<InstalledCertificateStatus>("ocpp16.InstalledCertificateStatus",
                                                   enumerator("Accepted", accepted),
                                                   enumerator("NotFound", not_found));
}

enum class LogType : std::uint8_t {
  diagnostics_log,
  security_log,
};
constexpr auto description(std::type_identity<LogType>) {
  using enum LogType;
  return describe_enum<LogType>("ocpp16.LogType", enumerator("DiagnosticsLog", diagnostics_log),
                                enumerator("SecurityLog", security_log));
}

enum class LogStatus : std::uint8_t {
  accepted,
  rejected,
  accepted_canceled,
};
constexpr auto description(std::type_identity<LogStatus>) {
  using enum LogStatus;
  return describe_enum<LogStatus>("ocpp16.LogStatus", enumerator("Accepted", accepted),
                                  enumerator("Rejected", rejected),
                                  enumerator("AcceptedCanceled", accepted_canceled));
}

enum class InstallCertificateStatus : std::uint8_t {
  accepted,
  failed,
  rejected,
};
constexpr auto description(std::type_identity<InstallCertificateStatus>) {
  using enum InstallCertificateStatus;
  return describe_enum<InstallCertificateStatus>(
      "ocpp16.InstallCertificateStatus", enumerator("Accepted", accepted),
      enumerator("Failed", failed), enumerator("Rejected", rejected));
}

enum class UpdateFirmwareStatus : std::uint8_t {
  accepted,
  rejected,
  accepted_canceled,
  invalid_certificate,
  revoked_certificate,
};
constexpr auto description(std::type_identity<UpdateFirmwareStatus>) {
  using enum UpdateFirmwareStatus;
  return describe_enum<UpdateFirmwareStatus>(
      "ocpp16.UpdateFirmwareStatus", enumerator("Accepted", accepted),
      enumerator("Rejected", rejected), enumerator("AcceptedCanceled", accepted_canceled),
      enumerator("InvalidCertificate", invalid_certificate),
      enumerator("RevokedCertificate", revoked_certificate));
}

}  // namespace keel::ocpp::v16
