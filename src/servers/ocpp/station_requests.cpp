#include "servers/ocpp/station_requests.hpp"

#include <algorithm>

#include "servers/ocpp/readings.hpp"
#include "servers/ocpp/words.hpp"
#include "wire/ocpp/message_name.hpp"
#include "wire/ocpp/v16/actions.hpp"
#include "wire/ocpp/v16/authorization.hpp"
#include "wire/ocpp/v16/payload.hpp"
#include "wire/ocpp/v16/security_messages.hpp"
#include "wire/ocpp/v16/station_messages.hpp"
#include "wire/ocpp/v16/transactions.hpp"

namespace keel::servers {

using charging::OutcomeCode;
using ocpp::v16::write_payload;
using runtime::Task;
using runtime::Wait;
namespace v16 = ocpp::v16;

namespace {

using Reply = StationEvents::Reply;

std::uint64_t register_of(std::int32_t wh) {
  return wh < 0 ? 0 : static_cast<std::uint64_t>(wh);
}
charging::SessionNumber session_of(std::optional<std::int32_t> transaction) {
  return charging::SessionNumber(
      transaction.value_or(0) <= 0 ? 0 : static_cast<std::uint32_t>(*transaction));
}
// A number that no connector has is refused by the module.
charging::ConnectorNumber connector_of(std::int32_t number) {
  constexpr std::int32_t kNone = UINT16_MAX;
  return charging::ConnectorNumber(
      static_cast<std::uint16_t>(number < 0 || number > kNone ? kNone : number));
}

StationAnswer refusal(ocpp::ErrorCode code, std::string why) {
  return {.refused = true, .code = code, .why = std::move(why)};
}

}  // namespace

template <typename Request>
Task<Result<Reply>> StationRequests::submit(const Request& request, Known known, Wait wait) {
  Bytes payload;
  encode(request, payload);
  const CommandId id = known == Known::by_content
                           ? key_of_content(station_, Request::kType, payload)
                           : key_of_occasion(station_, Request::kType, connection_, ++occasions_);
  last_command_ = id;
  co_return co_await submit_until_known(core_, events_, options_.retry,
                                        {.id = id,
                                         .type = Request::kType,
                                         .payload = payload,
                                         .correlation = correlation_,
                                         .message = message_},
                                        wait);
}

CorrelationId StationRequests::take_authorization(const std::string& token) {
  const auto found = std::ranges::find(authorized_, token, &Authorized::token);
  if (found == authorized_.end()) return {};
  const CorrelationId correlation = found->correlation;
  authorized_.erase(found);
  return correlation;
}

CorrelationId StationRequests::correlation_of(charging::SessionNumber session) const {
  const auto found = std::ranges::find(open_, session, &Open::session);
  return found == open_.end() ? CorrelationId() : found->correlation;
}

void StationRequests::remember(charging::SessionNumber session, CorrelationId correlation) {
  if (open_.size() == charging::kMaxConnector) open_.erase(open_.begin());
  open_.push_back({.session = session, .correlation = correlation});
}

Task<Result<>> StationRequests::note(charging::NoteKind kind, std::string topic,
                                     std::string_view detail, std::optional<Timestamp> time,
                                     Wait wait) {
  const charging::NoteStation note{.station = station_,
                                   .kind = kind,
                                   .topic = cut_text(topic, charging::kMaxShortText),
                                   .detail = cut_text(detail, charging::kMaxNote),
                                   .time = time.value_or(Timestamp{})};
  KEEL_CO_TRY(co_await submit(note, time ? Known::by_content : Known::by_occasion, wait));
  co_return success();
}

// --- Core ---

template <>
Task<Result<std::string>> StationRequests::serve(const v16::BootNotification& boot, Wait wait) {
  using charging::kMaxShortText;
  const charging::BootStation request{
      .station = station_,
      .vendor = cut_text(boot.charge_point_vendor, kMaxShortText),
      .model = cut_text(boot.charge_point_model, kMaxShortText),
      .serial_number = cut_text(
          boot.charge_point_serial_number.value_or(boot.charge_box_serial_number.value_or("")),
          kMaxShortText),
      .firmware = cut_text(boot.firmware_version.value_or(""), kMaxShortText)};
  const Reply reply = KEEL_CO_TRY(co_await submit(request, Known::by_occasion, wait));
  const bool accepted = reply.outcome == OutcomeCode::done;
  co_return write_payload(v16::BootNotification::Response{
      .status = accepted ? v16::RegistrationStatus::accepted : v16::RegistrationStatus::rejected,
      .current_time = core_.clock().wall(),
      .interval = accepted ? options_.heartbeat_interval_s : options_.boot_retry_interval_s});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::Heartbeat&, Wait) {
  co_return write_payload(v16::Heartbeat::Response{.current_time = core_.clock().wall()});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::Authorize& asked, Wait wait) {
  const Reply reply = KEEL_CO_TRY(co_await submit(
      charging::Authorize{.station = station_, .token = asked.id_tag}, Known::by_occasion, wait));
  std::erase_if(authorized_, [&](const auto& each) { return each.token == asked.id_tag; });
  if (authorized_.size() == charging::kMaxConnector) authorized_.erase(authorized_.begin());
  authorized_.push_back(
      {.token = asked.id_tag, .correlation = CorrelationId(last_command_.value())});
  v16::Authorize::Response response{.id_tag_info = {.status = v16::AuthorizationStatus::invalid}};
  if (reply.outcome == OutcomeCode::done) {
    const auto answer = KEEL_CO_TRY(decode<charging::Authorize::Answer>(reply.payload));
    response.id_tag_info = to_ocpp(answer.status, answer.expires_at, answer.group);
  }
  co_return write_payload(response);
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::StatusNotification& told, Wait wait) {
  charging::ReportStatus report{.station = station_,
                                .connector = connector_of(told.connector_id),
                                .status = to_charging(told.status),
                                .time = told.timestamp.value_or(Timestamp{})};
  if (told.error_code != v16::ChargePointErrorCode::no_error)
    report.error = name_of(told.error_code);
  if (told.vendor_error_code) report.error += " " + *told.vendor_error_code;
  report.error = cut_text(report.error, charging::kMaxShortText);
  report.info = cut_text(told.info.value_or(""), charging::kMaxShortText);
  KEEL_CO_TRY(
      co_await submit(report, told.timestamp ? Known::by_content : Known::by_occasion, wait));
  co_return write_payload(v16::StatusNotification::Response{});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::StartTransaction& start, Wait wait) {
  const charging::StartSession request{.station = station_,
                                       .connector = connector_of(start.connector_id),
                                       .token = start.id_tag,
                                       .register_wh = register_of(start.meter_start),
                                       .time = start.timestamp};
  // One authorisation is for one session.
  correlation_ = take_authorization(start.id_tag);
  const Reply reply = KEEL_CO_TRY(co_await submit(request, Known::by_content, wait));
  v16::StartTransaction::Response response{
      .id_tag_info = {.status = v16::AuthorizationStatus::invalid}};
  if (reply.outcome == OutcomeCode::done) {
    const auto answer = KEEL_CO_TRY(decode<charging::StartSession::Answer>(reply.payload));
    response.id_tag_info = to_ocpp(answer.status, answer.expires_at, answer.group);
    KEEL_ASSERT(answer.session.value() <= charging::kMaxSessionNumber);
    response.transaction_id = static_cast<std::int32_t>(answer.session.value());
    // Of one that was told before, the correlation is that of the first time.
    if (!reply.repeated)
      remember(answer.session,
               correlation_.is_zero() ? CorrelationId(last_command_.value()) : correlation_);
  } else if (reply.outcome == OutcomeCode::station_blocked) {
    response.id_tag_info.status = v16::AuthorizationStatus::blocked;
  }
  co_return write_payload(response);
}

Task<Result<>> StationRequests::record_beginning(std::vector<charging::Reading>& readings,
                                                 charging::RecordReadings& record, Wait wait) {
  while (readings.size() > charging::kMaxReadings) {
    const auto end = readings.begin() + charging::kMaxReadings;
    record.readings.assign(std::move_iterator(readings.begin()), std::move_iterator(end));
    readings.erase(readings.begin(), end);
    KEEL_CO_TRY(co_await submit(record, Known::by_content, wait));
  }
  co_return success();
}

Task<Result<std::vector<charging::Reading>>> StationRequests::take_readings(
    const std::vector<v16::MeterValue>& values, Wait wait) {
  std::vector<charging::Reading> readings = readings_of(values);
  KEEL_CO_TRY(
      co_await check_signatures(core_, events_, options_.records, station_, readings, wait));
  co_return readings;
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::MeterValues& told, Wait wait) {
  charging::RecordReadings record{.station = station_,
                                  .connector = connector_of(told.connector_id),
                                  .session = session_of(told.transaction_id)};
  correlation_ = correlation_of(record.session);
  std::vector<charging::Reading> readings =
      KEEL_CO_TRY(co_await take_readings(told.meter_value, wait));
  KEEL_CO_TRY(co_await record_beginning(readings, record, wait));
  record.readings = std::move(readings);
  if (!record.readings.empty()) KEEL_CO_TRY(co_await submit(record, Known::by_content, wait));
  co_return write_payload(v16::MeterValues::Response{});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::StopTransaction& stop, Wait wait) {
  charging::StopSession request{
      .station = station_,
      .session = session_of(stop.transaction_id),
      .token = stop.id_tag.value_or(""),
      .register_wh = register_of(stop.meter_stop),
      .time = stop.timestamp,
      .reason = to_charging(stop.reason.value_or(v16::StopReason::local))};
  correlation_ = correlation_of(request.session);
  std::vector<charging::Reading> readings =
      KEEL_CO_TRY(co_await take_readings(stop.transaction_data, wait));
  charging::RecordReadings record{.station = station_, .session = request.session};
  KEEL_CO_TRY(co_await record_beginning(readings, record, wait));
  request.readings = std::move(readings);
  const Reply reply = KEEL_CO_TRY(co_await submit(request, Known::by_content, wait));
  std::erase_if(open_, [&](const Open& each) { return each.session == request.session; });
  v16::StopTransaction::Response response;
  if (stop.id_tag && reply.outcome == OutcomeCode::done) {
    const auto answer = KEEL_CO_TRY(decode<charging::StopSession::Answer>(reply.payload));
    response.id_tag_info = v16::IdTagInfo{.status = to_ocpp(answer.status)};
  }
  co_return write_payload(response);
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::DataTransfer& told, Wait wait) {
  std::string topic = told.vendor_id;
  if (told.message_id) topic += "/" + *told.message_id;
  KEEL_CO_TRY(co_await note(charging::NoteKind::vendor_data, std::move(topic),
                            told.data.value_or(""), {}, wait));
  co_return write_payload(v16::DataTransfer::Response{.status = v16::DataTransferStatus::accepted});
}

// --- Firmware Management ---

template <>
Task<Result<std::string>> StationRequests::serve(const v16::DiagnosticsStatusNotification& told,
                                                 Wait wait) {
  KEEL_CO_TRY(co_await note(charging::NoteKind::diagnostics_status,
                            std::string(name_of(told.status)), "", {}, wait));
  co_return write_payload(v16::DiagnosticsStatusNotification::Response{});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::FirmwareStatusNotification& told,
                                                 Wait wait) {
  KEEL_CO_TRY(co_await note(charging::NoteKind::firmware_status, std::string(name_of(told.status)),
                            "", {}, wait));
  co_return write_payload(v16::FirmwareStatusNotification::Response{});
}

// --- Improved security for OCPP 1.6-J ---

template <>
Task<Result<std::string>> StationRequests::serve(const v16::SecurityEventNotification& told,
                                                 Wait wait) {
  KEEL_CO_TRY(co_await note(charging::NoteKind::security_event, told.type,
                            told.tech_info.value_or(""), told.timestamp, wait));
  co_return write_payload(v16::SecurityEventNotification::Response{});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::LogStatusNotification& told,
                                                 Wait wait) {
  KEEL_CO_TRY(co_await note(charging::NoteKind::log_status, std::string(name_of(told.status)),
                            "request " + std::to_string(told.request_id.value_or(0)), {}, wait));
  co_return write_payload(v16::LogStatusNotification::Response{});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::SignedFirmwareStatusNotification& told,
                                                 Wait wait) {
  KEEL_CO_TRY(co_await note(charging::NoteKind::firmware_status, std::string(name_of(told.status)),
                            "request " + std::to_string(told.request_id.value_or(0)), {}, wait));
  co_return write_payload(v16::SignedFirmwareStatusNotification::Response{});
}

template <>
Task<Result<std::string>> StationRequests::serve(const v16::SignCertificate&, Wait) {
  // Nobody here signs certificates.
  co_return write_payload(
      v16::SignCertificate::Response{.status = v16::AcceptedOrRejected::rejected});
}

// --- from an action to its message ---

template <typename Message>
Task<Result<StationAnswer>> StationRequests::answer(std::string_view payload, Wait wait) {
  const Result<Message> message = v16::read_payload<Message>(payload);
  if (!message.ok())
    co_return refusal(v16::refusal_code(message.error()), message.error().detail());
  Result<std::string> served = co_await serve<Message>(*message, wait);
  if (served.ok()) co_return StationAnswer{.payload = std::move(served).value()};
  // The message itself is at fault: it will never go better.
  if (served.error().error_class() == ErrorClass::invalid)
    co_return refusal(ocpp::ErrorCode::property_constraint_violation, served.error().detail());
  co_return served.error();
}

Task<Result<StationAnswer>> StationRequests::done(Asked asked, Wait wait) {
  message_ = ocpp::name_message(asked.message);
  correlation_ = {};
  using Answer = Task<Result<StationAnswer>> (StationRequests::*)(std::string_view, Wait);
  struct Row {
    std::string_view action;
    Answer answer;
  };
  static constexpr std::array kRows{
      Row{"Authorize", &StationRequests::answer<v16::Authorize>},
      Row{"BootNotification", &StationRequests::answer<v16::BootNotification>},
      Row{"DataTransfer", &StationRequests::answer<v16::DataTransfer>},
      Row{"DiagnosticsStatusNotification",
          &StationRequests::answer<v16::DiagnosticsStatusNotification>},
      Row{"FirmwareStatusNotification", &StationRequests::answer<v16::FirmwareStatusNotification>},
      Row{"Heartbeat", &StationRequests::answer<v16::Heartbeat>},
      Row{"LogStatusNotification", &StationRequests::answer<v16::LogStatusNotification>},
      Row{"MeterValues", &StationRequests::answer<v16::MeterValues>},
      Row{"SecurityEventNotification", &StationRequests::answer<v16::SecurityEventNotification>},
      Row{"SignCertificate", &StationRequests::answer<v16::SignCertificate>},
      Row{"SignedFirmwareStatusNotification",
          &StationRequests::answer<v16::SignedFirmwareStatusNotification>},
      Row{"StartTransaction", &StationRequests::answer<v16::StartTransaction>},
      Row{"StatusNotification", &StationRequests::answer<v16::StatusNotification>},
      Row{"StopTransaction", &StationRequests::answer<v16::StopTransaction>}};
  const auto row = std::ranges::find(kRows, asked.action, &Row::action);
  if (row != kRows.end()) co_return co_await (this->*row->answer)(asked.payload, wait);
  if (v16::find_action(asked.action) != nullptr)
    co_return refusal(ocpp::ErrorCode::not_supported, "a central system is not asked for this");
  co_return refusal(ocpp::ErrorCode::not_implemented, "no such action in OCPP 1.6");
}

}  // namespace keel::servers
