// What a central system asks of a charge point: Firmware Management and Local Auth List (OCPP 1.6
// edition 2, section 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/authorization.hpp"
#include "wire/ocpp/v16/control_enums.hpp"

namespace keel::ocpp::v16 {

struct AuthorizationData {
  std::string id_tag;
  std::optional<IdTagInfo> id_tag_info;
  static constexpr auto description() {
    return describe<AuthorizationData>(
        "ocpp16.AuthorizationData",
        field<1>("idTag", &AuthorizationData::id_tag, required(), max_length(20)),
        field<2>("idTagInfo", &AuthorizationData::id_tag_info));
  }
};

struct GetDiagnostics {
  static constexpr std::string_view kAction = "GetDiagnostics";
  struct Response {
    std::optional<std::string> file_name;
    static constexpr auto description() {
      return describe<Response>("ocpp16.GetDiagnosticsResponse",
                                field<1>("fileName", &Response::file_name, max_length(255)));
    }
  };
  std::string location;
  std::optional<std::int32_t> retries;
  std::optional<std::int32_t> retry_interval;
  std::optional<Timestamp> start_time;
  std::optional<Timestamp> stop_time;
  static constexpr auto description() {
    return describe<GetDiagnostics>("ocpp16.GetDiagnostics",
                                    field<1>("location", &GetDiagnostics::location, required()),
                                    field<2>("retries", &GetDiagnostics::retries),
                                    field<3>("retryInterval", &GetDiagnostics::retry_interval),
                                    field<4>("startTime", &GetDiagnostics::start_time),
                                    field<5>("stopTime", &GetDiagnostics::stop_time));
  }
};

struct GetLocalListVersion {
  static constexpr std::string_view kAction = "GetLocalListVersion";
  struct Response {
    std::int32_t list_version = 0;
    static constexpr auto description() {
      return describe<Response>("ocpp16.GetLocalListVersionResponse",
                                field<1>("listVersion", &Response::list_version, required()));
    }
  };
  static constexpr auto description() {
    return describe<GetLocalListVersion>("ocpp16.GetLocalListVersion");
  }
};

struct SendLocalList {
  static constexpr std::string_view kAction = "SendLocalList";
  struct Response {
    UpdateStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.SendLocalListResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::int32_t list_version = 0;
  std::vector<AuthorizationData> local_authorization_list;
  UpdateType update_type{};
  static constexpr auto description() {
    return describe<SendLocalList>(
        "ocpp16.SendLocalList", field<1>("listVersion", &SendLocalList::list_version, required()),
        field<2>("localAuthorizationList", &SendLocalList::local_authorization_list),
        field<3>("updateType", &SendLocalList::update_type, required()));
  }
};

struct UpdateFirmware {
  static constexpr std::string_view kAction = "UpdateFirmware";
  struct Response {
    static constexpr auto description() {
      return describe<Response>("ocpp16.UpdateFirmwareResponse");
    }
  };
  std::string location;
  std::optional<std::int32_t> retries;
  Timestamp retrieve_date;
  std::optional<std::int32_t> retry_interval;
  static constexpr auto description() {
    return describe<UpdateFirmware>(
        "ocpp16.UpdateFirmware", field<1>("location", &UpdateFirmware::location, required()),
        field<2>("retries", &UpdateFirmware::retries),
        field<3>("retrieveDate", &UpdateFirmware::retrieve_date, required()),
        field<4>("retryInterval", &UpdateFirmware::retry_interval));
  }
};

}  // namespace keel::ocpp::v16
