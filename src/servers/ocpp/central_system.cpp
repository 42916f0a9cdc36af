#include "servers/ocpp/central_system.hpp"

#include <algorithm>

#include "wire/ocpp/v16/actions.hpp"
#include "wire/ocpp/v16/control_messages.hpp"
#include "wire/ocpp/v16/payload.hpp"

namespace keel::servers {

using charging::CallResult;
using http::Status;
using runtime::Task;
using runtime::Wait;
namespace v16 = ocpp::v16;

namespace {

// What a call is about, for the record.
charging::RequestCall record_of(const StationCaller::Call& call) {
  charging::RequestCall record{.call = call.id,
                               .station = std::string(call.station),
                               .action = std::string(call.action),
                               .timeout_s = timeout_seconds(call.timeout)};
  const auto connector = [](std::int32_t number) {
    return charging::ConnectorNumber(static_cast<std::uint16_t>(std::clamp(number, 0, 0xffff)));
  };
  if (call.action == v16::RemoteStartTransaction::kAction) {
    const auto start = v16::read_payload<v16::RemoteStartTransaction>(call.payload);
    if (start.ok()) record.token = start->id_tag;
    if (start.ok()) record.connector = connector(start->connector_id.value_or(0));
  } else if (call.action == v16::RemoteStopTransaction::kAction) {
    const auto stop = v16::read_payload<v16::RemoteStopTransaction>(call.payload);
    if (stop.ok() && stop->transaction_id > 0)
      record.session = charging::SessionNumber(static_cast<std::uint32_t>(stop->transaction_id));
  } else if (call.action == v16::UnlockConnector::kAction) {
    const auto unlock = v16::read_payload<v16::UnlockConnector>(call.payload);
    if (unlock.ok()) record.connector = connector(unlock->connector_id);
  }
  return record;
}

Result<> check(const StationCaller::Call& call) {
  const v16::ActionInfo* action = v16::find_action(call.action);
  if (action == nullptr || !action->may_ask(v16::Asks::central_system))
    return Error(ocpp::kNoSuchAction,
                 "no call of OCPP 1.6 to a station: " + std::string(call.action.substr(0, 64)));
  if (!action->supported())
    return Error(ocpp::kActionNotSupported, std::string(call.action) + " is not spoken here");
  return action->check_request(call.payload);
}

}  // namespace

CentralSystem::CentralSystem(runtime::Core& core, StationEvents& events,
                             CentralSystemOptions options)
    : core_(core), events_(events), options_(std::move(options)), nonce_(draw_nonce()) {}

CentralSystem::~CentralSystem() {
  KEEL_ASSERT(links_.empty());
}

std::string_view CentralSystem::name() const noexcept {
  return v16::kSubprotocol;
}

ConnectionNonce CentralSystem::draw_nonce() {
  ConnectionNonce nonce{};
  core_.entropy().fill(nonce);
  return nonce;
}

void CentralSystem::refuse(Exchange& exchange, Status status, std::string_view code) {
  ++stats_.refused;
  Reply& reply = exchange.reply();
  reply.status = status;
  reply.content_type = "application/problem+json";
  if (status == Status::unauthorized)
    reply.fields.push_back({"WWW-Authenticate", "Basic realm=\"ocpp\", charset=\"UTF-8\""});
  if (status == Status::service_unavailable) reply.fields.push_back({"Retry-After", "10"});
  reply.body = "{\"type\":\"about:blank\",\"title\":\"";
  reply.body += http::reason(status);
  reply.body += "\",\"status\":" + std::to_string(http::code(status)) + ",\"code\":\"";
  reply.body += code;
  reply.body += "\"}";
}

Task<std::unique_ptr<WebSocketService>> CentralSystem::admit(Exchange& exchange) {
  const http::Request& request = exchange.request();
  const std::optional<std::string> station = station_of(request.target.path, options_.path);
  const std::optional<BasicCredentials> shown =
      request.headers.count("authorization") == 1
          ? basic_credentials(request.headers.find("authorization").value_or(""))
          : std::nullopt;
  exchange.release_input();
  if (!station) {
    refuse(exchange, Status::not_found, "ocpp.no_station_named");
    co_return nullptr;
  }
  const auto known = co_await events_.credentials(
      *station, exchange.wait().until(core_.now() + options_.admission_timeout));
  if (!known.ok()) {
    refuse(exchange, Status::service_unavailable, known.error().kind().name);
    co_return nullptr;
  }
  const std::optional<std::uint8_t> profile =
      proved_profile(*station, *known, shown, exchange.security());
  if (!profile || *profile < options_.least_profile) {
    refuse(exchange, Status::unauthorized, "ocpp.not_authenticated");
  } else if (!known->found) {
    refuse(exchange, Status::not_found, "ocpp.unknown_station");
  } else if (known->blocked) {
    refuse(exchange, Status::forbidden, "ocpp.station_blocked");
  } else {
    co_return std::make_unique<StationLink>(core_, static_cast<StationLinks&>(*this), events_,
                                            options_.links, *station, draw_nonce());
  }
  co_return nullptr;
}

void CentralSystem::enter(StationLink& link) {
  StationLink*& current = links_[link.station()];
  StationLink* const older = std::exchange(current, &link);
  if (older == nullptr) return;
  ++stats_.replaced;
  older->replace();
}

void CentralSystem::leave(StationLink& link) {
  const auto found = links_.find(link.station());
  if (found != links_.end() && found->second == &link) links_.erase(found);
  heard(link);
  const ocpp::RpcCounts& counts = link.counts();
  stats_.requests += counts.calls;
  stats_.repeated += counts.repeated_calls;
  stats_.refused_requests += counts.refused;
  stats_.stray_answers += counts.late_answers + counts.repeated_answers + counts.unknown_answers;
  stats_.bad_messages += counts.bad_messages;
  if (link.not_stored()) ++stats_.not_stored;
}

void CentralSystem::heard(StationLink& link) {
  const Timestamp at = link.take_heard();
  if (at.ns == 0) return;
  Timestamp& seen = seen_[link.station()];  // by an older connection of it, perhaps
  seen = std::max(seen, at);
}

Task<> CentralSystem::run(Wait wait) {
  while ((co_await core_.sleep_until(core_.now() + options_.seen_every, wait)).ok())
    co_await tell_seen(wait);
}

Task<> CentralSystem::tell_seen(Wait wait) {
  for (const auto& [station, link] : links_) heard(*link);
  std::map<std::string, Timestamp, std::less<>> seen = std::exchange(seen_, {});
  while (!seen.empty()) {
    charging::SeenStations told;
    while (!seen.empty() && told.stations.size() < charging::SeenStations::kMost) {
      auto node = seen.extract(seen.begin());
      told.stations.push_back({.station = std::move(node.key()), .at = node.mapped()});
    }
    Bytes payload;
    encode(told, payload);
    // One that fails is no loss: they will be heard of again.
    static_cast<void>(
        co_await events_.command({.id = key_of_occasion("", told.kType, nonce_, ++occasions_),
                                  .type = told.kType,
                                  .payload = payload},
                                 wait));
  }
}

Task<CallOutcome> CentralSystem::make_call(const Call& call, Wait wait) {
  const auto found = links_.find(call.station);
  if (found == links_.end())
    co_return CallOutcome{.result = CallResult::not_sent, .error = "the station is not connected"};
  StationCall made(core_, call.action, call.payload, core_.now() + call.timeout);
  if (!found->second->enqueue(made))
    co_return CallOutcome{.result = CallResult::not_sent, .error = "too many calls wait for it"};
  ++stats_.calls;
  const Result<> over = co_await made.over.wait(wait.until(made.deadline));
  if (!over.ok() && made.link != nullptr) made.link->withdraw(made);
  co_return std::move(made.outcome);
}

bool CentralSystem::knows(std::string_view action) const noexcept {
  return v16::find_action(action) != nullptr;
}

Task<Result<CallOutcome>> CentralSystem::call(Call call, Wait wait) {
  KEEL_CO_TRY(check(call));
  const charging::RequestCall record = record_of(call);
  KEEL_CO_TRY(co_await begin_call(events_, record, wait));
  CallOutcome outcome = co_await make_call(call, wait);
  KEEL_CO_TRY(
      co_await end_call(core_, events_, options_.links.requests.retry, call, outcome, wait));
  co_return outcome;
}

}  // namespace keel::servers
