// The keys and rows of charging's tables: no padding, the tenant first in every key. Private to
// this folder.
#pragma once

#include "base/ids.hpp"
#include "modules/charging/events.hpp"
#include "modules/charging/pricing/usage.hpp"
#include "modules/charging/state/text.hpp"

namespace keel::charging {

using StationName = FixedText<kMaxStationId>;
using ShortText = FixedText<kMaxShortText>;

struct TenantKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
};
struct SettingsRow {
  uint128 revenue_account = 0;
  uint128 tax_account = 0;
  uint128 clearing_account = 0;
  uint128 receivables_account = 0;
  Digest token_key{};
  Amount hold = 0;
  std::uint32_t ledger = 0;
  std::uint32_t vanished_after_s = 0;
  std::uint32_t clock_error_s = 0;
  std::uint32_t offline_after_s = 0;
  std::uint32_t longest_offline_s = 0;
  std::uint32_t stop_kept_s = 0;
  std::uint32_t longest_session_s = 0;
  std::uint32_t last_session = 0;  // the number given last
  std::array<char, 3> currency{};
  std::uint8_t exponent = 0;
  std::uint32_t reserved = 0;
};

struct StationKey {
  TenantId tenant{};
  StationName station{};
  friend auto operator<=>(const StationKey&, const StationKey&) = default;
};
struct StationRow {
  Digest secret{};
  Timestamp booted_at{};
  Timestamp seen_at{};
  std::int64_t clock_offset_ms = 0;
  TariffId tariff{};
  std::uint16_t connectors = 0;
  std::uint8_t blocked = 0;
  std::uint8_t reserved = 0;
  ShortText vendor{};
  ShortText model{};
  ShortText serial_number{};
  ShortText firmware{};
  ShortText firmware_status{};
};

struct ConnectorKey {
  TenantId tenant{};
  StationName station{};
  ConnectorNumber connector{};
  std::uint16_t reserved = 0;
};
struct ConnectorRow {
  Timestamp status_at{};
  SessionNumber session{};  // the newest that is open there
  ConnectorStatus status{};
  std::array<std::uint8_t, 3> reserved{};
  ShortText error{};
};

struct TariffKey {
  TenantId tenant{};
  TariffId tariff{};
  TariffVersion version{};  // zero: the row says in `newest` which is the newest
};
struct WindowRow {
  std::uint64_t energy_per_kwh = 0;
  std::uint64_t time_per_minute = 0;
  std::uint16_t from_minute = 0;
  std::uint16_t to_minute = 0;
  std::uint8_t weekdays = 0;
  std::array<std::uint8_t, 3> reserved{};
};
struct TariffRow {
  std::uint64_t session_fee = 0;
  std::uint64_t energy_per_kwh = 0;
  std::uint64_t time_per_minute = 0;
  std::uint64_t idle_per_minute = 0;
  std::array<WindowRow, kMaxWindows> windows{};
  std::uint32_t idle_grace_s = 0;
  TariffVersion newest{};
  std::int16_t utc_offset_minutes = 0;
  std::uint16_t tax_basis_points = 0;
  std::array<char, 3> currency{};
  std::uint8_t windows_used = 0;
  std::uint8_t prices_include_tax = 0;
  Rounding rounding{};
  std::array<std::uint8_t, 6> reserved{};
  ShortText name{};
};
TariffRow row_of(const TariffTerms& terms);
TariffTerms terms_of(const TariffRow& row);

struct DriverKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  DriverId driver{};
};
// A sealed value.
struct SealedText {
  std::array<std::byte, kMaxPersonalText + kernel::kSealOverhead> bytes{};
  std::uint32_t size = 0;
  ByteView view() const [[clang::lifetimebound]] { return ByteView(bytes).first(size); }
};
struct DriverRow {
  uint128 account = 0;
  SealedText name{};
  SealedText email{};
  std::uint32_t tokens = 0;
  std::uint32_t open_sessions = 0;
  std::uint16_t max_sessions = 0;
  std::uint8_t blocked = 0;
  std::uint8_t forgotten = 0;
  std::array<std::uint8_t, 12> reserved{};
};

struct TokenKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  Digest token{};
};
struct TokenRow {
  DriverId driver{};
  Timestamp expires_at{};
  std::uint64_t blocked = 0;
  FixedText<48> group{};
};

// The public key of a meter. Connector 0: of all that have none of their own.
struct MeterKeyRow {
  std::array<std::byte, kMaxMeterKey> bytes{};
  std::uint32_t size = 0;
  ByteView view() const [[clang::lifetimebound]] { return ByteView(bytes).first(size); }
};

// A piece of a signed record of a session that is in memory: of the first that holds (place 0) or
// of the last (place 1). Part 0 says what all of it is.
struct SignedPartKey {
  TenantId tenant{};
  SessionNumber session{};
  std::uint32_t place = 0;
  std::uint32_t part = 0;
};
struct SignedPartRow {
  static constexpr std::size_t kBytes = 512;
  Timestamp time{};
  std::uint64_t signed_wh = 0;
  std::uint32_t record_bytes = 0;
  std::uint8_t has_signed_wh = 0;
  SignedVerdict verdict{};
  std::uint16_t reserved = 0;
  MeterKeyRow meter_key{};
  std::uint32_t reserved2 = 0;
  std::array<std::byte, kBytes> bytes{};
};

// How many signed values were worth what.
struct SignedCountsRow {
  std::uint16_t verified = 0;
  std::uint16_t unregistered = 0;
  std::uint16_t refused = 0;
};

// Without records; nothing when nothing was signed.
std::optional<SignedValues> signed_of(const SignedCountsRow& row);

struct SessionKey {
  TenantId tenant{};
  SessionNumber session{};
  friend auto operator<=>(const SessionKey&, const SessionKey&) = default;
};
// A session that is open, or that may still be corrected; and, as it is, one that is history.
// Whether a late stop corrects the bill of a session whose end nobody has told.
enum class Correctable : std::uint32_t {
  no = 0,
  yes = 1,
  readings_came = 2,  // yes, and readings count that are not billed yet
};

struct SessionRow {
  DriverId driver{};
  uint128 account = 0;
  uint128 hold_transfer = 0;
  CorrelationId correlation{};
  CallId call{};
  Digest token{};
  Digest start_digest{};
  Digest stop_digest{};
  Digest stop_token{};
  UsageRow usage{};
  std::uint64_t start_register_wh = 0;
  std::uint64_t stop_register_wh = 0;
  Amount hold = 0;
  Amount net = 0;
  Amount tax = 0;
  Amount captured = 0;
  Amount charged = 0;
  Amount receivable = 0;
  Timestamp station_start_time{};
  Timestamp started_at{};
  Timestamp recorded_start{};
  Timestamp station_stop_time{};
  Timestamp stopped_at{};
  Timestamp recorded_stop{};
  Timestamp due{};  // when time looks at it
  TenantId tenant{};
  SessionNumber number{};
  TariffId tariff{};
  TariffVersion tariff_version{};
  SessionFlags flags{};
  std::uint32_t version = 0;  // of the bill; zero: none yet
  Correctable correctable{};
  ConnectorNumber connector{};
  TokenStatus token_status{};
  SessionState state{};
  StopReason reason{};
  std::uint8_t reserved = 0;
  SignedCountsRow signed_counts{};
  std::array<std::uint8_t, 8> reserved2{};
  StationName station{};

  SessionKey key() const { return {.tenant = tenant, .session = number}; }
  Amount total() const { return net + tax; }
};

struct StationSessionKey {
  TenantId tenant{};
  StationName station{};
  SessionNumber session{};
  friend auto operator<=>(const StationSessionKey&, const StationSessionKey&) = default;
};

struct DigestKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  Digest digest{};
};
// What a station has said of a session, so that the same again is known.
struct SaidRow {
  Digest digest{};
  TenantId tenant{};
  SessionNumber session{};
};

struct KeptStopRow {
  CorrelationId correlation{};
  Digest token{};
  std::uint64_t register_wh = 0;
  Timestamp time{};
  Timestamp kept_until{};
  SessionNumber named{};
  StopReason reason{};
  std::array<std::uint8_t, 3> reserved{};
  StationName station{};
};
struct KeptStopKey {
  TenantId tenant{};
  StationName station{};
  std::uint32_t reserved = 0;
  Timestamp time{};
  Digest digest{};
  friend auto operator<=>(const KeptStopKey&, const KeptStopKey&) = default;
};

struct CallKey {
  TenantId tenant{};
  std::array<std::uint32_t, 3> reserved{};
  CallId call{};
};
struct CallRow {
  Timestamp requested_at{};
  Timestamp deadline{};
  Timestamp ended_at{};
  Timestamp due{};
  CallResult result{};
  std::array<std::uint8_t, 7> reserved{};
  StationName station{};
  FixedText<40> action{};
};

enum class DueKind : std::uint32_t { session = 0, kept_stop = 1, call = 2 };
// What time looks at next, over all tenants.
struct DueKey {
  Timestamp at{};
  TenantId tenant{};
  DueKind kind{};
  Digest id{};  // session number, call id (first bytes), or the stop's digest
  friend auto operator<=>(const DueKey&, const DueKey&) = default;
};

}  // namespace keel::charging
