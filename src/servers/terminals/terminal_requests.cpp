#include "servers/terminals/terminal_requests.hpp"

#include "base/json/json.hpp"

namespace keel::servers {

using charging::OutcomeCode;
using runtime::Task;
using runtime::Wait;

namespace {

using Reply = StationEvents::Reply;

constexpr auto kNothingMore = [](const auto&, AnswerBody&) {};

AnswerBody refusal(const Error& why) {
  return {.error = why.to_string()};
}

}  // namespace

TerminalRequests::TerminalRequests(runtime::Core& core, StationEvents& events,
                                   SignedRecordOptions records, const RetryOptions& retry)
    : core_(core), events_(events), records_(records), retry_(retry) {
  core_.entropy().fill(nonce_);
}

template <typename Request, typename Take>
Task<Result<AnswerBody>> TerminalRequests::submit(const Request& request, Known known, Take take,
                                                  Wait wait) {
  Bytes payload;
  encode(request, payload);
  const CommandId id = known == Known::by_content
                           ? key_of_content(request.station, Request::kType, payload)
                           : key_of_occasion(request.station, Request::kType, nonce_, ++occasions_);
  const Result<Reply> reply = co_await submit_until_known(
      core_, events_, retry_, {.id = id, .type = Request::kType, .payload = payload}, wait);
  if (!reply.ok()) {
    // What is wrong with it stays wrong: said again it would be refused again.
    if (reply.error().error_class() == ErrorClass::invalid) co_return refusal(reply.error());
    co_return reply.error();
  }
  AnswerBody answer{.outcome = reply->outcome};
  if (reply->repeated) answer.repeated = true;
  if constexpr (Described<typename Request::Answer>) {
    if (reply->outcome == OutcomeCode::done) {
      take(KEEL_CO_TRY(decode<typename Request::Answer>(reply->payload)), answer);
    }
  }
  co_return answer;
}

Task<Result<std::vector<charging::Reading>>> TerminalRequests::take_readings(
    std::string_view station, const std::vector<ReadingBody>& bodies, Wait wait) {
  std::vector<charging::Reading> readings;
  readings.reserve(bodies.size());
  for (const ReadingBody& each : bodies) {
    const ByteView signed_value = as_bytes(each.signed_value);
    readings.push_back({.time = each.time,
                        .register_wh = each.register_wh,
                        .power_w = each.power_w,
                        .charge_percent = each.charge_percent,
                        .signed_value = Bytes(signed_value.begin(), signed_value.end())});
  }
  KEEL_CO_TRY(co_await check_signatures(core_, events_, records_, station, readings, wait));
  co_return readings;
}

template <>
Task<Result<AnswerBody>> TerminalRequests::serve(std::string_view station, const BootBody& body,
                                                 Wait wait) {
  co_return co_await submit(charging::BootStation{.station = std::string(station),
                                                  .vendor = body.vendor,
                                                  .model = body.model,
                                                  .serial_number = body.serial_number,
                                                  .firmware = body.firmware},
                            Known::by_occasion, kNothingMore, wait);
}

template <>
Task<Result<AnswerBody>> TerminalRequests::serve(std::string_view station, const StatusBody& body,
                                                 Wait wait) {
  co_return co_await submit(charging::ReportStatus{.station = std::string(station),
                                                   .connector = body.connector,
                                                   .status = body.status,
                                                   .error = body.error,
                                                   .info = body.info,
                                                   .time = body.time.value_or(Timestamp{})},
                            body.time ? Known::by_content : Known::by_occasion, kNothingMore, wait);
}

template <>
Task<Result<AnswerBody>> TerminalRequests::serve(std::string_view station,
                                                 const AuthorizeBody& body, Wait wait) {
  const auto take = [](const charging::Authorize::Answer& said, AnswerBody& answer) {
    answer.status = said.status;
    if (said.expires_at.ns != 0) answer.expires_at = said.expires_at;
    if (!said.group.empty()) answer.group = said.group;
  };
  co_return co_await submit(
      charging::Authorize{.station = std::string(station), .token = body.token}, Known::by_occasion,
      take, wait);
}

template <>
Task<Result<AnswerBody>> TerminalRequests::serve(std::string_view station, const StartBody& body,
                                                 Wait wait) {
  const auto take = [](const charging::StartSession::Answer& said, AnswerBody& answer) {
    answer.session = said.session;
    answer.status = said.status;
    if (said.expires_at.ns != 0) answer.expires_at = said.expires_at;
    if (!said.group.empty()) answer.group = said.group;
    if (said.repeated) answer.repeated = true;
  };
  co_return co_await submit(charging::StartSession{.station = std::string(station),
                                                   .connector = body.connector,
                                                   .token = body.token,
                                                   .register_wh = body.register_wh,
                                                   .time = body.time,
                                                   .offline = body.offline},
                            Known::by_content, take, wait);
}

template <>
Task<Result<AnswerBody>> TerminalRequests::serve(std::string_view station, const ReadingsBody& body,
                                                 Wait wait) {
  co_return co_await submit(charging::RecordReadings{.station = std::string(station),
                                                     .connector = body.connector,
                                                     .session = body.session,
                                                     .readings = KEEL_CO_TRY(co_await take_readings(
                                                         station, body.readings, wait))},
                            Known::by_content, kNothingMore, wait);
}

template <>
Task<Result<AnswerBody>> TerminalRequests::serve(std::string_view station, const StopBody& body,
                                                 Wait wait) {
  const auto take = [](const charging::StopSession::Answer& said, AnswerBody& answer) {
    if (!said.session.is_zero()) answer.session = said.session;
    if (said.receipt_version != 0) {
      answer.total = said.total;
      answer.bill_version = said.receipt_version;
    }
    if (said.repeated) answer.repeated = true;
  };
  co_return co_await submit(charging::StopSession{.station = std::string(station),
                                                  .session = body.session,
                                                  .token = body.token,
                                                  .register_wh = body.register_wh,
                                                  .time = body.time,
                                                  .reason = body.reason,
                                                  .readings = KEEL_CO_TRY(co_await take_readings(
                                                      station, body.readings, wait))},
                            Known::by_content, take, wait);
}

template <typename Body>
Task<Result<AnswerBody>> TerminalRequests::read_and_serve(std::string_view station,
                                                          std::string_view json, Wait wait) {
  const auto body = from_json<Body>(json);
  if (!body.ok()) co_return refusal(body.error());
  if constexpr (requires { body->readings; }) {
    if (body->readings.size() > charging::kMaxReadings) {
      co_return AnswerBody{.id = body->id,
                           .error = "readings: " + std::to_string(body->readings.size()) +
                                    ", at most " + std::to_string(charging::kMaxReadings)};
    }
  }
  Result<AnswerBody> answer = co_await serve(station, *body, wait);
  if (answer.ok()) answer->id = body->id;
  co_return answer;
}

Task<Result<AnswerBody>> TerminalRequests::done(TerminalTopic topic, std::string_view json,
                                                Wait wait) {
  const std::string_view station = topic.station;
  if (topic.verb == "start") co_return co_await read_and_serve<StartBody>(station, json, wait);
  if (topic.verb == "readings")
    co_return co_await read_and_serve<ReadingsBody>(station, json, wait);
  if (topic.verb == "stop") co_return co_await read_and_serve<StopBody>(station, json, wait);
  if (topic.verb == "status") co_return co_await read_and_serve<StatusBody>(station, json, wait);
  if (topic.verb == "authorize")
    co_return co_await read_and_serve<AuthorizeBody>(station, json, wait);
  if (topic.verb == "boot") co_return co_await read_and_serve<BootBody>(station, json, wait);
  co_return AnswerBody{.error =
                           "nothing is done in this topic; expected authorize, boot, readings, "
                           "result, start, status "
                           "or stop"};
}

}  // namespace keel::servers
