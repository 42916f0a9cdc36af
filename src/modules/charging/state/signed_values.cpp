// Keys of meters, and the signed records of sessions in memory: the first that holds and the last,
// in pieces of a fixed size.
#include <algorithm>

#include "modules/charging/state/state.hpp"

namespace keel::charging {
namespace {

constexpr std::uint32_t kFirst = 0;
constexpr std::uint32_t kLast = 1;

bool is_taken(SignedVerdict verdict) {
  return verdict == SignedVerdict::verified || verdict == SignedVerdict::unregistered;
}

void count(std::uint16_t& of) {
  if (of != UINT16_MAX) ++of;
}

}  // namespace

std::optional<SignedValues> signed_of(const SignedCountsRow& row) {
  if (row.verified == 0 && row.unregistered == 0 && row.refused == 0) return std::nullopt;
  return SignedValues{
      .verified = row.verified, .unregistered = row.unregistered, .refused = row.refused};
}

ByteView State::meter_key(TenantId tenant, std::string_view station,
                          ConnectorNumber connector) const {
  ConnectorKey key{.tenant = tenant, .station = StationName(station), .connector = connector};
  const MeterKeyRow* row = meter_keys.find(key);
  if (row == nullptr) {
    key.connector = {};
    row = meter_keys.find(key);
  }
  return row == nullptr ? ByteView() : row->view();
}

void State::apply(TenantId tenant, const MeterKeyRegistered& event) {
  const ConnectorKey key{
      .tenant = tenant, .station = StationName(event.station), .connector = event.connector};
  if (meter_keys.contains(key)) meter_keys.erase(key);
  if (event.key.empty()) return;
  MeterKeyRow row{.size = static_cast<std::uint32_t>(event.key.size())};
  ByteWriter(row.bytes).write(event.key);
  meter_keys.insert(key, row);
}

void State::drop_signed(SignedPartKey first) {
  for (; signed_parts.contains(first); ++first.part) signed_parts.erase(first);
}

void State::put_signed(SignedPartKey first, const Reading& reading, SignedVerdict verdict) {
  drop_signed(first);
  SignedPartRow row{.time = reading.time,
                    .signed_wh = reading.signed_wh.value_or(0),
                    .record_bytes = static_cast<std::uint32_t>(reading.signed_value.size()),
                    .has_signed_wh = reading.signed_wh.has_value(),
                    .verdict = verdict,
                    .meter_key = {.size = static_cast<std::uint32_t>(reading.meter_key.size())}};
  ByteWriter(row.meter_key.bytes).write(reading.meter_key);
  ByteView rest(reading.signed_value);
  do {
    const ByteView piece = rest.first(std::min(rest.size(), SignedPartRow::kBytes));
    rest = rest.subspan(piece.size());
    row.bytes = {};
    ByteWriter(row.bytes).write(piece);
    signed_parts.insert(first, row);
    row = {};
    ++first.part;
  } while (!rest.empty());
}

void State::keep_signed(TenantId tenant, const ReadingsRecorded& event) {
  const SignedPartKey first{.tenant = tenant, .session = event.session, .place = kFirst};
  const SignedPartKey last{.tenant = tenant, .session = event.session, .place = kLast};
  SignedCountsRow counts =
      sessions.find({.tenant = tenant, .session = event.session})->signed_counts;
  for (std::size_t at = 0; at < event.verdicts.size(); ++at) {
    const SignedVerdict verdict{event.verdicts[at]};
    if (verdict == SignedVerdict::none) continue;
    count(verdict == SignedVerdict::verified       ? counts.verified
          : verdict == SignedVerdict::unregistered ? counts.unregistered
                                                   : counts.refused);
    if (!is_taken(verdict)) continue;
    put_signed(signed_parts.contains(first) ? last : first, event.readings[at], verdict);
  }
  sessions.modify({.tenant = tenant, .session = event.session},
                  [&](SessionRow& row) { row.signed_counts = counts; });
}

std::vector<SignedValue> State::signed_records(TenantId tenant, SessionNumber session) const {
  std::vector<SignedValue> values;
  for (const std::uint32_t place : {kFirst, kLast}) {
    SignedPartKey key{.tenant = tenant, .session = session, .place = place};
    const SignedPartRow* row = signed_parts.find(key);
    if (row == nullptr) continue;
    const ByteView meter_key = row->meter_key.view();
    SignedValue value{.verdict = row->verdict,
                      .time = row->time,
                      .meter_key = Bytes(meter_key.begin(), meter_key.end())};
    if (row->has_signed_wh != 0) value.signed_wh = row->signed_wh;
    for (std::size_t left = row->record_bytes; row != nullptr && left > 0;) {
      const std::size_t size = std::min(left, SignedPartRow::kBytes);
      value.record += as_text(ByteView(row->bytes).first(size));
      left -= size;
      ++key.part;
      row = signed_parts.find(key);
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace keel::charging
