#include "wire/ocpp/v16/payload.hpp"

#include <gtest/gtest.h>

#include "wire/ocpp/v16/care_messages.hpp"
#include "wire/ocpp/v16/control_messages.hpp"
#include "wire/ocpp/v16/station_messages.hpp"
#include "wire/ocpp/v16/transactions.hpp"

namespace keel::ocpp::v16 {
namespace {

template <typename T>
ErrorCode refused(std::string_view payload) {
  const Result<T> read = read_payload<T>(payload);
  EXPECT_FALSE(read.ok()) << payload;
  return read.ok() ? ErrorCode::generic_error : refusal_code(read.error());
}

TEST(Ocpp16Payload, reads_a_whole_stop) {
  const Result<StopTransaction> stop = read_payload<StopTransaction>(R"({
      "transactionId": 7, "idTag": "ABC", "meterStop": 1500,
      "timestamp": "1970-01-01T00:00:01Z", "reason": "EVDisconnected",
      "transactionData": [{"timestamp": "1970-01-01T00:00:00.5Z", "sampledValue": [
        {"value": "1.5", "context": "Transaction.End", "measurand": "Energy.Active.Import.Register",
         "unit": "kWh", "phase": "L1-N", "location": "Outlet", "format": "Raw"}]}]})");
  ASSERT_TRUE(stop.ok()) << stop.error().to_string();
  EXPECT_EQ(stop->reason, StopReason::ev_disconnected);
  ASSERT_EQ(stop->transaction_data.size(), 1u);
  EXPECT_EQ(stop->transaction_data[0].timestamp.ns, 500'000'000);
  const SampledValue& value = stop->transaction_data[0].sampled_value.at(0);
  EXPECT_EQ(value.measurand, Measurand::energy_active_import_register);
  EXPECT_EQ(value.phase, Phase::l1_n);
}

TEST(Ocpp16Payload, each_rule_has_its_code) {
  EXPECT_EQ(refused<Authorize>("{}"), ErrorCode::occurence_constraint_violation);
  EXPECT_EQ(refused<Authorize>(R"({"idTag":7})"), ErrorCode::type_constraint_violation);
  EXPECT_EQ(refused<Authorize>(R"({"idTag":"123456789012345678901"})"),
            ErrorCode::property_constraint_violation);
  EXPECT_EQ(refused<Authorize>(R"({"idTag":"a","more":1})"), ErrorCode::formation_violation);
  EXPECT_EQ(refused<Authorize>(R"({"idTag":"a","idTag":"a"})"), ErrorCode::formation_violation);
  EXPECT_EQ(refused<Authorize>(R"({"idTag":"a" "b"})"), ErrorCode::formation_violation);
  EXPECT_EQ(refused<Reset>(R"({"type":"Warm"})"), ErrorCode::property_constraint_violation);
  EXPECT_EQ(refused<RemoteStopTransaction>(R"({"transactionId":1.5})"),
            ErrorCode::property_constraint_violation);
  EXPECT_EQ(refused<RemoteStopTransaction>(R"({"transactionId":"1"})"),
            ErrorCode::type_constraint_violation);
  EXPECT_EQ(refused<RemoteStopTransaction>(R"({"transactionId":4294967296})"),
            ErrorCode::property_constraint_violation);
  EXPECT_EQ(
      refused<StatusNotification>(
          R"({"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"now"})"),
      ErrorCode::property_constraint_violation);
  EXPECT_EQ(refused<MeterValues>(R"({"connectorId":1,"meterValue":[{"sampledValue":[]}]})"),
            ErrorCode::occurence_constraint_violation);
  EXPECT_EQ(refused<MeterValues>(R"({"connectorId":1,"meterValue":{}})"),
            ErrorCode::type_constraint_violation);
}

TEST(Ocpp16Payload, lengths_are_counted_in_characters) {
  EXPECT_TRUE(read_payload<Authorize>("{\"idTag\":\"ääääääääääääääääääää\"}").ok());
  EXPECT_EQ(refused<Authorize>("{\"idTag\":\"äääääääääääääääääääää\"}"),
            ErrorCode::property_constraint_violation);
}

TEST(Ocpp16Payload, lists_of_texts_keep_to_their_lengths) {
  EXPECT_TRUE(read_payload<GetConfiguration>(R"({"key":["a","b"]})").ok());
  EXPECT_EQ(refused<GetConfiguration>("{\"key\":[\"" + std::string(51, 'k') + "\"]}"),
            ErrorCode::property_constraint_violation);
}

TEST(Ocpp16Payload, writes_times_in_milliseconds_and_leaves_out_what_is_absent) {
  const BootNotification::Response answer{.status = RegistrationStatus::accepted,
                                          .current_time = Timestamp{1'234'567'890},
                                          .interval = 300};
  EXPECT_EQ(write_payload(answer),
            R"({"status":"Accepted","currentTime":"1970-01-01T00:00:01.234Z","interval":300})");
  const Authorize::Response refusal{.id_tag_info = {.status = AuthorizationStatus::invalid}};
  EXPECT_EQ(write_payload(refusal), R"({"idTagInfo":{"status":"Invalid"}})");
}

}  // namespace
}  // namespace keel::ocpp::v16
