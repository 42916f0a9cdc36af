// Signed meter values: the keys of meters, and what a signature is worth here. Whether it holds was
// found out before: a module has no curves. Which key is the meter's is said here.
#include "base/text/utf8.hpp"
#include "modules/charging/decide/commands.hpp"

namespace keel::charging {
namespace {

// Of both records that a session keeps.
constexpr std::uint64_t kMostParts =
    kMaxBilledRecords * ((kMaxSignedReading + SignedPartRow::kBytes - 1) / SignedPartRow::kBytes);
// A register of whole Wh may have been cut off or rounded.
constexpr std::uint64_t kRoundingWh = 1;

bool differ(std::uint64_t a, std::uint64_t b) {
  return std::max(a, b) - std::min(a, b) > kRoundingWh;
}

bool is_text(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  return !text.contains('\0') && is_utf8(text);
}

}  // namespace

SignedVerdict signed_verdict(const Reading& reading, ByteView registered) {
  if (reading.signed_value.empty()) return SignedVerdict::none;
  if (!is_text(reading.signed_value)) return SignedVerdict::malformed;
  switch (reading.signature) {
    case SignatureCheck::unchecked:
      return SignedVerdict::no_key;
    case SignatureCheck::fails:
      return SignedVerdict::forged;
    case SignatureCheck::malformed:
      return SignedVerdict::malformed;
    case SignatureCheck::holds:
      break;
  }
  if (reading.meter_key.empty()) return SignedVerdict::no_key;
  if (registered.empty()) return SignedVerdict::unregistered;
  const bool same = std::ranges::equal(reading.meter_key, registered);
  return same ? SignedVerdict::verified : SignedVerdict::other_key;
}

SessionFlags signed_flags(const Reading& reading, SignedVerdict verdict) {
  SessionFlags flags;
  switch (verdict) {
    case SignedVerdict::none:
      return {};
    case SignedVerdict::verified:
      break;
    case SignedVerdict::unregistered:
      flags |= SessionFlag::meter_unregistered;
      break;
    case SignedVerdict::no_key:
      return SessionFlag::meter_unregistered;
    case SignedVerdict::forged:
    case SignedVerdict::malformed:
    case SignedVerdict::other_key:
      return SessionFlag::signature_refused;
  }
  if (reading.signed_wh && reading.register_wh && differ(*reading.signed_wh, *reading.register_wh))
    flags |= SessionFlag::signed_values_differ;
  return flags;
}

SessionFlags signed_flags_of_stop(const std::vector<Reading>& readings, std::uint64_t stop_wh) {
  for (auto at = readings.rbegin(); at != readings.rend(); ++at) {
    if (at->signature != SignatureCheck::holds || !at->signed_wh) continue;
    if (differ(*at->signed_wh, stop_wh)) return SessionFlag::signed_values_differ;
    break;
  }
  return {};
}

Result<> room_for_signed(const Decision& d, const std::vector<Reading>& readings) {
  const bool any = std::ranges::any_of(
      readings, [](const Reading& each) { return each.signature == SignatureCheck::holds; });
  return any ? room_in(d.state.signed_parts, kMostParts) : success();
}

Result<Outcome> decide(const Decision& d, const RegisterMeterKey& asked) {
  KEEL_TRY(check_name("station", asked.station, kMaxStationId));
  KEEL_TRY(check_range("key (bytes)", asked.key.size(), 0, kMaxMeterKey));
  if (d.settings() == nullptr) return outcome(OutcomeCode::not_configured);
  if (d.state.station(d.tenant(), asked.station) == nullptr) {
    return outcome(OutcomeCode::station_unknown);
  }
  if (d.state.connector(d.tenant(), asked.station, asked.connector) == nullptr) {
    return outcome(OutcomeCode::connector_unknown);
  }
  if (!asked.key.empty()) KEEL_TRY(room_in(d.state.meter_keys));
  d.emit(
      MeterKeyRegistered{.station = asked.station, .connector = asked.connector, .key = asked.key});
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
