// What a central system asks of a charge point: Core and Remote Trigger (OCPP 1.6 edition 2,
// section 5). RemoteStartTransaction comes without a charging profile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "wire/ocpp/v16/control_enums.hpp"

namespace keel::ocpp::v16 {

struct KeyValue {
  std::string key;
  bool readonly = false;
  std::optional<std::string> value;
  static constexpr auto description() {
    return describe<KeyValue>("ocpp16.KeyValue",
                              field<1>("key", &KeyValue::key, required(), max_length(50)),
                              field<2>("readonly", &KeyValue::readonly, required()),
                              field<3>("value", &KeyValue::value, max_length(500)));
  }
};

struct ChangeAvailability {
  static constexpr std::string_view kAction = "ChangeAvailability";
  struct Response {
    AvailabilityStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.ChangeAvailabilityResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::int32_t connector_id = 0;
  AvailabilityType type{};
  static constexpr auto description() {
    return describe<ChangeAvailability>(
        "ocpp16.ChangeAvailability",
        field<1>("connectorId", &ChangeAvailability::connector_id, required()),
        field<2>("type", &ChangeAvailability::type, required()));
  }
};

struct ChangeConfiguration {
  static constexpr std::string_view kAction = "ChangeConfiguration";
  struct Response {
    ConfigurationStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.ChangeConfigurationResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::string key;
  std::string value;
  static constexpr auto description() {
    return describe<ChangeConfiguration>(
        "ocpp16.ChangeConfiguration",
        field<1>("key", &ChangeConfiguration::key, required(), max_length(50)),
        field<2>("value", &ChangeConfiguration::value, required(), max_length(500)));
  }
};

struct ClearCache {
  static constexpr std::string_view kAction = "ClearCache";
  struct Response {
    AcceptedOrRejected status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.ClearCacheResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  static constexpr auto description() { return describe<ClearCache>("ocpp16.ClearCache"); }
};

struct GetConfiguration {
  static constexpr std::string_view kAction = "GetConfiguration";
  struct Response {
    std::vector<KeyValue> configuration_key;
    std::vector<std::string> unknown_key;
    static constexpr auto description() {
      return describe<Response>("ocpp16.GetConfigurationResponse",
                                field<1>("configurationKey", &Response::configuration_key),
                                field<2>("unknownKey", &Response::unknown_key, max_length(50)));
    }
  };
  std::vector<std::string> key;
  static constexpr auto description() {
    return describe<GetConfiguration>("ocpp16.GetConfiguration",
                                      field<1>("key", &GetConfiguration::key, max_length(50)));
  }
};

struct RemoteStartTransaction {
  static constexpr std::string_view kAction = "RemoteStartTransaction";
  struct Response {
    AcceptedOrRejected status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.RemoteStartTransactionResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::optional<std::int32_t> connector_id;
  std::string id_tag;
  static constexpr auto description() {
    return describe<RemoteStartTransaction>(
        "ocpp16.RemoteStartTransaction",
        field<1>("connectorId", &RemoteStartTransaction::connector_id),
        field<2>("idTag", &RemoteStartTransaction::id_tag, required(), max_length(20)));
  }
};

struct RemoteStopTransaction {
  static constexpr std::string_view kAction = "RemoteStopTransaction";
  struct Response {
    AcceptedOrRejected status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.RemoteStopTransactionResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::int32_t transaction_id = 0;
  static constexpr auto description() {
    return describe<RemoteStopTransaction>(
        "ocpp16.RemoteStopTransaction",
        field<1>("transactionId", &RemoteStopTransaction::transaction_id, required()));
  }
};

struct Reset {
  static constexpr std::string_view kAction = "Reset";
  struct Response {
    AcceptedOrRejected status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.ResetResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  ResetType type{};
  static constexpr auto description() {
    return describe<Reset>("ocpp16.Reset", field<1>("type", &Reset::type, required()));
  }
};

struct TriggerMessage {
  static constexpr std::string_view kAction = "TriggerMessage";
  struct Response {
    TriggerMessageStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.TriggerMessageResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  MessageTrigger requested_message{};
  std::optional<std::int32_t> connector_id;
  static constexpr auto description() {
    return describe<TriggerMessage>(
        "ocpp16.TriggerMessage",
        field<1>("requestedMessage", &TriggerMessage::requested_message, required()),
        field<2>("connectorId", &TriggerMessage::connector_id));
  }
};

struct UnlockConnector {
  static constexpr std::string_view kAction = "UnlockConnector";
  struct Response {
    UnlockStatus status{};
    static constexpr auto description() {
      return describe<Response>("ocpp16.UnlockConnectorResponse",
                                field<1>("status", &Response::status, required()));
    }
  };
  std::int32_t connector_id = 0;
  static constexpr auto description() {
    return describe<UnlockConnector>(
        "ocpp16.UnlockConnector",
        field<1>("connectorId", &UnlockConnector::connector_id, required()));
  }
};

}  // namespace keel::ocpp::v16
