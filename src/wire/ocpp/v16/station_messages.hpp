// What else a charge point says: Core and Firmware Management (OCPP 1.6 edition 2, section 4).
// Texts have the lengths of its CiStrings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/station_enums.hpp"

namespace keel::ocpp::v16 {

struct BootNotification {
  static constexpr std::string_view kAction = "BootNotification";
  struct Response {
    RegistrationStatus status{};
    Timestamp current_time;
    std::int32_t interval = 0;
    static constexpr auto description() {
      return describe<Response>("ocpp16.BootNotificationResponse",
                                field<1>("status", &Response::status, required()),
                                field<2>("currentTime", &Response::current_time, required()),
                                field<3>("interval", &Response::interval, required()));
    }
  };
  std::string charge_point_vendor;
  std::string charge_point_model;
  std::optional<std::string> charge_point_serial_number;
  std::optional<std::string> charge_box_serial_number;
  std::optional<std::string> firmware_version;
  std::optional<std::string> iccid;
  std::optional<std::string> imsi;
  std::optional<std::string> meter_type;
  std::optional<std::string> meter_serial_number;
  static constexpr auto description() {
    return describe<BootNotification>(
        "ocpp16.BootNotification",
        field<1>("chargePointVendor", &BootNotification::charge_point_vendor, required(),
                 max_length(20)),
        field<2>("chargePointModel", &BootNotification::charge_point_model, required(),
                 max_length(20)),
        field<3>("chargePointSerialNumber", &BootNotification::charge_point_serial_number,
                 max_length(25)),
        field<4>("chargeBoxSerialNumber", &BootNotification::charge_box_serial_number,
                 max_length(25)),
        field<5>("firmwareVersion", &BootNotification::firmware_version, max_length(50)),
        field<6>("iccid", &BootNotification::iccid, max_length(20)),
        field<7>("imsi", &BootNotification::imsi, max_length(20)),
        field<8>("meterType", &BootNotification::meter_type, max_length(25)),
        field<9>("meterSerialNumber", &BootNotification::meter_serial_number, max_length(25)));
  }
};

struct DataTransfer {
  static constexpr std::string_view kAction = "DataTransfer";
  struct Response {
    DataTransferStatus status{};
    std::optional<std::string> data;
    static constexpr auto description() {
      return describe<Response>("ocpp16.DataTransferResponse",
                                field<1>("status", &Response::status, required()),
                                field<2>("data", &Response::data));
    }
  };
  std::string vendor_id;
  std::optional<std::string> message_id;
  std::optional<std::string> data;
  static constexpr auto description() {
    return describe<DataTransfer>(
        "ocpp16.DataTransfer",
        field<1>("vendorId", &DataTransfer::vendor_id, required(), max_length(255)),
        field<2>("messageId", &DataTransfer::message_id, max_length(50)),
        field<3>("data", &DataTransfer::data));
  }
};

struct DiagnosticsStatusNotification {
  static constexpr std::string_view kAction = "DiagnosticsStatusNotification";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.DiagnosticsStatusNotificationResponse");
    }
  };
  DiagnosticsStatus status{};
  static constexpr auto description() {
    return describe<DiagnosticsStatusNotification>(
        "ocpp16.DiagnosticsStatusNotification",
        field<1>("status", &DiagnosticsStatusNotification::status, required()));
  }
};

struct FirmwareStatusNotification {
  static constexpr std::string_view kAction = "FirmwareStatusNotification";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.FirmwareStatusNotificationResponse");
    }
  };
  FirmwareStatus status{};
  static constexpr auto description() {
    return describe<FirmwareStatusNotification>(
        "ocpp16.FirmwareStatusNotification",
        field<1>("status", &FirmwareStatusNotification::status, required()));
  }
};

struct Heartbeat {
  static constexpr std::string_view kAction = "Heartbeat";
  struct Response {
    Timestamp current_time;
    static constexpr auto description() {
      return describe<Response>("ocpp16.HeartbeatResponse",
                                field<1>("currentTime", &Response::current_time, required()));
    }
  };
  static constexpr auto description() { return describe<Heartbeat>("ocpp16.Heartbeat"); }
};

struct StatusNotification {
  static constexpr std::string_view kAction = "StatusNotification";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.StatusNotificationResponse");
    }
  };
  std::int32_t connector_id = 0;
  ChargePointErrorCode error_code{};
  std::optional<std::string> info;
  ChargePointStatus status{};
  std::optional<Timestamp> timestamp;
  std::optional<std::string> vendor_id;
  std::optional<std::string> vendor_error_code;
  static constexpr auto description() {
    return describe<StatusNotification>(
        "ocpp16.StatusNotification",
        field<1>("connectorId", &StatusNotification::connector_id, required()),
        field<2>("errorCode", &StatusNotification::error_code, required()),
        field<3>("info", &StatusNotification::info, max_length(50)),
        field<4>("status", &StatusNotification::status, required()),
        field<5>("timestamp", &StatusNotification::timestamp),
        field<6>("vendorId", &StatusNotification::vendor_id, max_length(255)),
        field<7>("vendorErrorCode", &StatusNotification::vendor_error_code, max_length(50)));
  }
};

}  // namespace keel::ocpp::v16
