// What a central system asks by "Improved security for OCPP 1.6-J" (edition 2, section 4): logs,
// firmware that is signed, and messages that are triggered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/control_enums.hpp"
#include "wire/ocpp/v16/security_enums.hpp"

namespace keel::ocpp::v16 {

struct LogParameters {
  std::string remote_location;
  std::optional<Timestamp> oldest_timestamp;
  std::optional<Timestamp> latest_timestamp;
  static constexpr auto description() {
    return describe<LogParameters>(
        "ocpp16.LogParameters",
        field<1>("remoteLocation", &LogParameters::remote_location, required(), max_length(512)),
        field<2>("oldestTimestamp", &LogParameters::oldest_timestamp),
        field<3>("latestTimestamp", &LogParameters::latest_timestamp));
  }
};

struct Firmware {
  std::string location;
  Timestamp retrieve_date_time;
  std::optional<Timestamp> install_date_time;
  std::string signing_certificate;
  std::string signature;
  static constexpr auto description() {
    return describe<Firmware>(
        "ocpp16.Firmware", field<1>("location", &Firmware::location, required(), max_length(512)),
        field<2>("retrieveDateTime", &Firmware::retrieve_date_time, required()),
        field<3>("installDateTime", &Firmware::install_date_time),
        field<4>("signingCertificate", &Firmware::signing_certificate, required(),
                 max_length(5500)),
        field<5>("signature", &Firmware::signature, required(), max_length(800)));
  }
};

struct ExtendedTriggerMessage {
  static constexpr std::string_view kAction = "ExtendedTriggerMessage";
  struct Response {
    TriggerMessageStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.ExtendedTriggerMessageResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  ExtendedMessageTrigger requested_message{};
  std::optional<std::int32_t> connector_id;
  static constexpr auto description() {
    return describe<ExtendedTriggerMessage>(
        "ocpp16.ExtendedTriggerMessage",
        field<1>("requestedMessage", &ExtendedTriggerMessage::requested_message, required()),
        field<2>("connectorId", &ExtendedTriggerMessage::connector_id));
  }
};

struct GetLog {
  static constexpr std::string_view kAction = "GetLog";
  struct Response {
    LogStatus status{};
    std::optional<std::string> filename;
    static constexpr auto description() {
      return describe<Response>("ocpp16.GetLogResponse",
                                field<1>("status", &Response::status, required()),
                                field<2>("filename", &Response::filename, max_length(255)));
    }
  };
  LogParameters log;
  LogType log_type{};
  std::int32_t request_id = 0;
  std::optional<std::int32_t> retries;
  std::optional<std::int32_t> retry_interval;
  static constexpr auto description() {
    return describe<GetLog>("ocpp16.GetLog", field<1>("log", &GetLog::log, required()),
                            field<2>("logType", &GetLog::log_type, required()),
                            field<3>("requestId", &GetLog::request_id, required()),
                            field<4>("retries", &GetLog::retries),
                            field<5>("retryInterval", &GetLog::retry_interval));
  }
};

struct SignedUpdateFirmware {
  static constexpr std::string_view kAction = "SignedUpdateFirmware";
  struct Response {
    UpdateFirmwareStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.SignedUpdateFirmwareResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::optional<std::int32_t> retries;
  std::optional<std::int32_t> retry_interval;
  std::int32_t request_id = 0;
  Firmware firmware;
  static constexpr auto description() {
    return describe<SignedUpdateFirmware>(
        "ocpp16.SignedUpdateFirmware", field<1>("retries", &SignedUpdateFirmware::retries),
        field<2>("retryInterval", &SignedUpdateFirmware::retry_interval),
        field<3>("requestId", &SignedUpdateFirmware::request_id, required()),
        field<4>("firmware", &SignedUpdateFirmware::firmware, required()));
  }
};

}  // namespace keel::ocpp::v16
