// Who may charge (OCPP 1.6 edition 2, sections 4.1 and 7.8): used by both directions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/station_enums.hpp"

namespace keel::ocpp::v16 {

struct IdTagInfo {
  std::optional<Timestamp> expiry_date;
  std::optional<std::string> parent_id_tag;
  AuthorizationStatus status{};
  static constexpr auto description() {
    return describe<IdTagInfo>("ocpp16.IdTagInfo", field<1>("expiryDate", &IdTagInfo::expiry_date),
                               field<2>("parentIdTag", &IdTagInfo::parent_id_tag, max_length(20)),
                               field<3>("status", &IdTagInfo::status, required()));
  }
};

struct Authorize {
  static constexpr std::string_view kAction = "Authorize";
  struct Response {
    IdTagInfo id_tag_info;
    static constexpr auto description() {
      return describe<Response>("ocpp16.AuthorizeResponse",
                                field<1>("idTagInfo", &Response::id_tag_info, required()));
    }
  };
  std::string id_tag;
  static constexpr auto description() {
    return describe<Authorize>("ocpp16.Authorize",
                               field<1>("idTag", &Authorize::id_tag, required(), max_length(20)));
  }
};

}  // namespace keel::ocpp::v16
