// What a charge point says by "Improved security for OCPP 1.6-J" (edition 2, section 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/control_enums.hpp"
#include "wire/ocpp/v16/security_enums.hpp"

namespace keel::ocpp::v16 {

struct SecurityEventNotification {
  static constexpr std::string_view kAction = "SecurityEventNotification";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.SecurityEventNotificationResponse");
    }
  };
  std::string type;
  Timestamp timestamp;
  std::optional<std::string> tech_info;
  static constexpr auto description() {
    return describe<SecurityEventNotification>(
        "ocpp16.SecurityEventNotification",
        field<1>("type", &SecurityEventNotification::type, required(), max_length(50)),
        field<2>("timestamp", &SecurityEventNotification::timestamp, required()),
        field<3>("techInfo", &SecurityEventNotification::tech_info, max_length(255)));
  }
};

struct SignCertificate {
  static constexpr std::string_view kAction = "SignCertificate";
  struct Response {
    AcceptedOrRejected status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.SignCertificateResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::string csr;
  static constexpr auto description() {
    return describe<SignCertificate>(
        "ocpp16.SignCertificate",
        field<1>("csr", &SignCertificate::csr, required(), max_length(5500)));
  }
};

struct LogStatusNotification {
  static constexpr std::string_view kAction = "LogStatusNotification";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.LogStatusNotificationResponse");
    }
  };
  UploadLogStatus status{};
  std::optional<std::int32_t> request_id;
  static constexpr auto description() {
    return describe<LogStatusNotification>(
        "ocpp16.LogStatusNotification",
        field<1>("status", &LogStatusNotification::status, required()),
        field<2>("requestId", &LogStatusNotification::request_id));
  }
};

struct SignedFirmwareStatusNotification {
  static constexpr std::string_view kAction = "SignedFirmwareStatusNotification";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.SignedFirmwareStatusNotificationResponse");
    }
  };
  SignedFirmwareStatus status{};
  std::optional<std::int32_t> request_id;
  static constexpr auto description() {
    return describe<SignedFirmwareStatusNotification>(
        "ocpp16.SignedFirmwareStatusNotification",
        field<1>("status", &SignedFirmwareStatusNotification::status, required()),
        field<2>("requestId", &SignedFirmwareStatusNotification::request_id));
  }
};

}  // namespace keel::ocpp::v16
