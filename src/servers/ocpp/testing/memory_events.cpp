#include "servers/ocpp/testing/memory_events.hpp"

#include "base/hash/sha256.hpp"
#include "runtime/errors.hpp"

namespace keel::servers {

using runtime::Task;
using runtime::Wait;

Task<Result<StationEvents::Reply>> MemoryEvents::command(Said said, Wait wait) {
  KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + Duration::milliseconds(2), wait));
  if (failures > 0) {
    --failures;
    co_return Error(runtime::kQueueFull);
  }
  if (const auto known = replies_.find(said.id.value()); known != replies_.end()) {
    ++repeated;
    Reply reply = known->second;
    reply.repeated = true;
    co_return reply;
  }
  Reply reply;
  decide(said.type, said.payload, reply);
  replies_.emplace(said.id.value(), reply);
  correlations.push_back(said.correlation.is_zero() ? said.id.value() : said.correlation.value());
  messages.push_back(said.message);
  ++commands;
  co_return reply;
}

void MemoryEvents::decide(kernel::CommandType type, ByteView payload, Reply& reply) {
  if (type == charging::StartSession::kType) {
    starts.push_back(decode<charging::StartSession>(payload).value());
    const charging::SessionNumber number(static_cast<std::uint32_t>(starts.size()));
    encode(charging::StartSession::Answer{.session = number}, reply.payload);
  } else if (type == charging::StopSession::kType) {
    stops.push_back(decode<charging::StopSession>(payload).value());
    encode(charging::StopSession::Answer{}, reply.payload);
  } else if (type == charging::Authorize::kType) {
    const bool good = decode<charging::Authorize>(payload).value().token == "GOOD";
    const auto status = good ? charging::TokenStatus::accepted : charging::TokenStatus::blocked;
    encode(charging::Authorize::Answer{.status = status}, reply.payload);
  } else if (type == charging::RecordReadings::kType) {
    for (auto& each : decode<charging::RecordReadings>(payload).value().readings) {
      ++readings;
      if (!each.signed_value.empty()) signed_readings.push_back(std::move(each));
    }
  } else if (type == charging::NoteStation::kType) {
    notes.push_back(decode<charging::NoteStation>(payload).value());
  } else if (type == charging::SeenStations::kType) {
    for (auto& each : decode<charging::SeenStations>(payload).value().stations)
      seen.insert(each.station);
  } else if (type == charging::EndCall::kType) {
    ended_calls.push_back(decode<charging::EndCall>(payload).value().result);
  }
}

Task<Result<charging::StationCredentials::Answer>> MemoryEvents::credentials(
    std::string_view station, Wait) {
  co_return charging::StationCredentials::Answer{.found = station.starts_with(prefix_),
                                                 .blocked = station == prefix_ + "-blocked",
                                                 .has_secret = true,
                                                 .secret = sha256(as_bytes("secret"))};
}

Task<Result<charging::MeterKeys::Answer>> MemoryEvents::meter_keys(std::string_view station, Wait) {
  co_return charging::MeterKeys::Answer{.found = station.starts_with(prefix_), .keys = keys};
}

}  // namespace keel::servers
