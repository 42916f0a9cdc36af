// The words of charging: ids, states and flags that commands, events and answers share. No word of
// a device's protocol: servers/ocpp and others map theirs to these.
//
// Bounds of texts are in bytes; what is longer is refused. Numbers are for ever.
#pragma once

#include <cstdint>
#include <string>

#include "base/describe/describe.hpp"
#include "base/ids.hpp"
#include "kernel/personal.hpp"
#include "kernel/types.hpp"

namespace keel::charging {

inline constexpr kernel::ModuleId kModule{4};

// Dense per tenant, from 1: one for each start of a session that was told or happened. Also what a
// station knows it by (OCPP transactionId); never reused, and at most 2^31 - 1.
using SessionNumber = StrongId<struct SessionTag, std::uint32_t>;
inline constexpr std::uint32_t kMaxSessionNumber = 0x7fff'ffff;
using TariffId = StrongId<struct TariffTag, std::uint32_t>;  // chosen by the operator
using TariffVersion = StrongId<struct TariffVersionTag, std::uint32_t>;
using ConnectorNumber = StrongId<struct ConnectorTag, std::uint16_t>;  // 0: the station as a whole
using CallId = StrongId<struct CallTag, uint128>;                      // chosen by whoever asks
// A driver is a person: what is personal is sealed under this id (keel erase --subject).
using DriverId = kernel::SubjectId;
using Amount = std::uint64_t;  // minor units of the tenant's currency

inline constexpr std::size_t kMaxStationId = 48;
inline constexpr std::size_t kMaxToken = 36;  // OCPP 1.6: 20; 2.0.1: 36
inline constexpr std::size_t kMaxShortText = 64;
inline constexpr std::size_t kMaxPersonalText = 128;
inline constexpr std::size_t kMaxNote = 1024;
inline constexpr std::uint16_t kMaxConnector = 64;
inline constexpr std::size_t kMaxReadings = 256;        // in one command
inline constexpr std::size_t kMaxSignedReading = 4096;  // bytes of a signed meter value
inline constexpr std::size_t kMaxMeterKey = 160;        // bytes of a SubjectPublicKeyInfo in DER
inline constexpr std::size_t kMaxBilledRecords = 2;     // signed records on a bill: first and last

enum class ConnectorStatus : std::uint8_t {
  unknown = 0,
  available = 1,
  preparing = 2,
  charging = 3,
  suspended_by_station = 4,
  suspended_by_vehicle = 5,
  finishing = 6,
  reserved = 7,
  unavailable = 8,
  faulted = 9,
};
constexpr auto description(std::type_identity<ConnectorStatus>) {
  using enum ConnectorStatus;
  return describe_enum<ConnectorStatus>(
      "keel.charging.ConnectorStatus", enumerator("unknown", unknown),
      enumerator("available", available), enumerator("preparing", preparing),
      enumerator("charging", charging), enumerator("suspended_by_station", suspended_by_station),
      enumerator("suspended_by_vehicle", suspended_by_vehicle), enumerator("finishing", finishing),
      enumerator("reserved", reserved), enumerator("unavailable", unavailable),
      enumerator("faulted", faulted));
}

// What a token may do now; the words of OCPP's AuthorizationStatus.
enum class TokenStatus : std::uint8_t {
  accepted = 0,
  blocked = 1,  // the token, its driver, or no money for the hold
  expired = 2,
  invalid = 3,     // not known
  concurrent = 4,  // in use in as many sessions as its driver may have
};
constexpr auto description(std::type_identity<TokenStatus>) {
  using enum TokenStatus;
  return describe_enum<TokenStatus>("keel.charging.TokenStatus", enumerator("accepted", accepted),
                                    enumerator("blocked", blocked), enumerator("expired", expired),
                                    enumerator("invalid", invalid),
                                    enumerator("concurrent", concurrent));
}

enum class StopReason : std::uint8_t {
  local = 0,
  remote = 1,
  deauthorized = 2,
  emergency_stop = 3,
  vehicle_disconnected = 4,
  hard_reset = 5,
  soft_reset = 6,
  reboot = 7,
  power_loss = 8,
  unlock_command = 9,
  other = 10,
  station_vanished = 11,  // closed by policy
  operator_closed = 12,
};
constexpr auto description(std::type_identity<StopReason>) {
  using enum StopReason;
  return describe_enum<StopReason>(
      "keel.charging.StopReason", enumerator("local", local), enumerator("remote", remote),
      enumerator("deauthorized", deauthorized), enumerator("emergency_stop", emergency_stop),
      enumerator("vehicle_disconnected", vehicle_disconnected),
      enumerator("hard_reset", hard_reset), enumerator("soft_reset", soft_reset),
      enumerator("reboot", reboot), enumerator("power_loss", power_loss),
      enumerator("unlock_command", unlock_command), enumerator("other", other),
      enumerator("station_vanished", station_vanished),
      enumerator("operator_closed", operator_closed));
}

enum class SessionState : std::uint8_t {
  open = 0,
  stopped = 1,  // over, but the ledger refused the postings: tried again by time
  closed = 2,
};
constexpr auto description(std::type_identity<SessionState>) {
  using enum SessionState;
  return describe_enum<SessionState>("keel.charging.SessionState", enumerator("open", open),
                                     enumerator("stopped", stopped), enumerator("closed", closed));
}

// What was not as it should be in a session; none of them stops a bill, each is on the receipt.
enum class SessionFlag : std::uint32_t {
  offline_start = 1 << 0,      // it had begun before we were told: no hold
  not_authorized = 1 << 1,     // the token was not accepted at the start
  payer_unknown = 1 << 2,      // no driver's account: the receivables account stands in
  no_hold = 1 << 3,            // nothing was reserved at the start
  start_clock_wrong = 1 << 4,  // the station's time was not plausible: cell time counts
  stop_clock_wrong = 1 << 5,
  reading_out_of_order = 1 << 6,   // a reading older than one before it: kept, not billed
  reading_went_back = 1 << 7,      // a lower register than before: kept, not billed
  reading_clock_wrong = 1 << 8,    // kept, not billed
  stop_below_reading = 1 << 9,     // the stop's register is below a reading: it counts
  stop_below_start = 1 << 10,      // below the start's: no energy is billed
  stop_matched = 1 << 11,          // the stop did not name the session; found by what it said
  closed_by_policy = 1 << 12,      // the station vanished; readings so far count
  corrected = 1 << 13,             // priced again, with the stop that came late
  beyond_hold = 1 << 14,           // more than was reserved
  on_receivables = 1 << 15,        // a part could not be taken from the driver's account
  conflicting_stop = 1 << 16,      // a second stop said something else: kept, not billed
  station_restarted = 1 << 17,     // while it went on
  duration_capped = 1 << 18,       // longer than a session may be: no more was billed
  signature_refused = 1 << 19,     // a signed value's signature does not hold, or it is none
  meter_unregistered = 1 << 20,    // one was checked by the key that came with it, or by none
  signed_values_differ = 1 << 21,  // the meter signed another register than is billed
};
using SessionFlags = Flags<SessionFlag>;
constexpr auto description(std::type_identity<SessionFlag>) {
  using enum SessionFlag;
  return describe_enum<SessionFlag>(
      "keel.charging.SessionFlag", enumerator("offline_start", offline_start),
      enumerator("not_authorized", not_authorized), enumerator("payer_unknown", payer_unknown),
      enumerator("no_hold", no_hold), enumerator("start_clock_wrong", start_clock_wrong),
      enumerator("stop_clock_wrong", stop_clock_wrong),
      enumerator("reading_out_of_order", reading_out_of_order),
      enumerator("reading_went_back", reading_went_back),
      enumerator("reading_clock_wrong", reading_clock_wrong),
      enumerator("stop_below_reading", stop_below_reading),
      enumerator("stop_below_start", stop_below_start), enumerator("stop_matched", stop_matched),
      enumerator("closed_by_policy", closed_by_policy), enumerator("corrected", corrected),
      enumerator("beyond_hold", beyond_hold), enumerator("on_receivables", on_receivables),
      enumerator("conflicting_stop", conflicting_stop),
      enumerator("station_restarted", station_restarted),
      enumerator("duration_capped", duration_capped),
      enumerator("signature_refused", signature_refused),
      enumerator("meter_unregistered", meter_unregistered),
      enumerator("signed_values_differ", signed_values_differ));
}

// What a server found out about the signature of a signed meter value. It has the curves; which key
// is a meter's is the module's to say.
enum class SignatureCheck : std::uint8_t {
  unchecked = 0,  // there was no key to check with
  holds = 1,      // by Reading::meter_key
  fails = 2,      // by every key that there was
  malformed = 3,  // no record of a known format, or no signature in a signature's place
};
constexpr auto description(std::type_identity<SignatureCheck>) {
  using enum SignatureCheck;
  return describe_enum<SignatureCheck>(
      "keel.charging.SignatureCheck", enumerator("unchecked", unchecked),
      enumerator("holds", holds), enumerator("fails", fails), enumerator("malformed", malformed));
}

// What a signed meter value is worth. Only the first two are put on a bill.
enum class SignedVerdict : std::uint8_t {
  none = 0,          // nothing was signed
  verified = 1,      // the signature holds by the key that is registered for the meter
  unregistered = 2,  // it holds by the key that came with it; none is registered
  forged = 3,        // it does not hold
  malformed = 4,     // no record of a known format, or no signature in a signature's place
  no_key = 5,        // nobody has a key to check it with
  other_key = 6,     // it holds by a key, and another one is registered
};
constexpr auto description(std::type_identity<SignedVerdict>) {
  using enum SignedVerdict;
  return describe_enum<SignedVerdict>(
      "keel.charging.SignedVerdict", enumerator("none", none), enumerator("verified", verified),
      enumerator("unregistered", unregistered), enumerator("forged", forged),
      enumerator("malformed", malformed), enumerator("no_key", no_key),
      enumerator("other_key", other_key));
}

// What a station says of itself beside sessions; kept as events, the last of each kind in its row.
enum class NoteKind : std::uint8_t {
  other = 0,
  firmware_status = 1,
  diagnostics_status = 2,
  log_status = 3,
  security_event = 4,
  vendor_data = 5,
};
constexpr auto description(std::type_identity<NoteKind>) {
  using enum NoteKind;
  return describe_enum<NoteKind>(
      "keel.charging.NoteKind", enumerator("other", other),
      enumerator("firmware_status", firmware_status),
      enumerator("diagnostics_status", diagnostics_status), enumerator("log_status", log_status),
      enumerator("security_event", security_event), enumerator("vendor_data", vendor_data));
}

// How a call to a station ended.
enum class CallResult : std::uint8_t {
  open = 0,  // no answer yet
  accepted = 1,
  rejected = 2,
  failed = 3,         // the station answered with an error, or that it cannot do it
  timed_out = 4,      // no answer by the deadline: what the station did is not known
  not_sent = 5,       // it was not connected
  late_accepted = 6,  // the answer came after the deadline
  late_rejected = 7,
};
constexpr auto description(std::type_identity<CallResult>) {
  using enum CallResult;
  return describe_enum<CallResult>(
      "keel.charging.CallResult", enumerator("open", open), enumerator("accepted", accepted),
      enumerator("rejected", rejected), enumerator("failed", failed),
      enumerator("timed_out", timed_out), enumerator("not_sent", not_sent),
      enumerator("late_accepted", late_accepted), enumerator("late_rejected", late_rejected));
}

}  // namespace keel::charging
