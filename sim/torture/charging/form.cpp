#include "sim/torture/charging/form.hpp"

#include <algorithm>

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words

constexpr std::uint64_t kMostWh = 1'000'000'000'000;
constexpr std::uint32_t kDay = 86'400;

bool name(const std::string& text, std::size_t most) {
  return !text.empty() && text.size() <= most && text.front() != ' ' && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= 32 && c < 127; });
}
bool station(const std::string& text) {
  return name(text, kMaxStationId);
}
// The workload writes texts in ASCII.
bool text(const std::string& value, std::size_t most = kMaxShortText) {
  return value.size() <= most;
}
bool within(std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  return value >= least && value <= most;
}
bool readings_fit(const std::vector<Reading>& readings) {
  return readings.size() <= kMaxReadings &&
         std::ranges::all_of(readings, [](const Reading& reading) {
           return reading.register_wh.value_or(0) <= kMostWh &&
                  reading.signed_value.size() <= kMaxSignedReading;
         });
}
bool policy(std::uint32_t value, std::uint32_t least, std::uint32_t most) {
  return value == 0 || within(value, least, most);
}

}  // namespace

bool well_formed(const Configure& asked) {
  const Settings& s = asked.settings;
  return s.ledger != 0 && name(s.currency, 3) && policy(s.vanished_after_s, 60, 31 * kDay) &&
         policy(s.clock_error_s, 1, kDay) && policy(s.offline_after_s, 1, kDay) &&
         policy(s.longest_offline_s, 60, 366 * kDay) && policy(s.stop_kept_s, 60, 366 * kDay) &&
         policy(s.longest_session_s, 60, 31 * kDay) && s.hold <= INT64_MAX;
}

bool well_formed(const PublishTariff& asked) {
  const TariffTerms& t = asked.terms;
  const auto price = [](std::uint64_t one) { return one <= kMaxPrice; };
  const bool currency = t.currency.size() == 3 && std::ranges::all_of(t.currency, [](char c) {
                          return c >= 'A' && c <= 'Z';
                        });
  const bool windows = std::ranges::all_of(t.windows, [&](const Window& w) {
    return w.from_minute < 1'440 && within(w.to_minute, 1, 1'440) && w.weekdays < 128 &&
           price(w.energy_per_kwh) && price(w.time_per_minute);
  });
  return !asked.tariff.is_zero() && text(t.name) && currency && price(t.session_fee) &&
         price(t.energy_per_kwh) && price(t.time_per_minute) && price(t.idle_per_minute) &&
         t.utc_offset_minutes >= -840 && t.utc_offset_minutes <= 840 &&
         t.tax_basis_points <= 10'000 && windows;
}

bool well_formed(const RegisterStation& asked) {
  return station(asked.station) && within(asked.connectors, 1, kMaxConnector);
}

bool well_formed(const RegisterDriver& asked) {
  return !asked.driver.is_zero();
}

bool well_formed(const RegisterToken& asked) {
  return name(asked.token, kMaxToken) && (asked.group.empty() || name(asked.group, kMaxToken));
}

bool well_formed(const ForgetDriver&) {
  return true;
}

bool well_formed(const RegisterMeterKey& asked) {
  return station(asked.station) && asked.key.size() <= kMaxMeterKey;
}

bool well_formed(const BootStation& asked) {
  return station(asked.station) && text(asked.vendor) && text(asked.model) &&
         text(asked.serial_number) && text(asked.firmware);
}

bool well_formed(const SeenStations& asked) {
  return within(asked.stations.size(), 1, SeenStations::kMost);
}

bool well_formed(const ReportStatus& asked) {
  return station(asked.station) && text(asked.error) && text(asked.info);
}

bool well_formed(const Authorize& asked) {
  return station(asked.station) && name(asked.token, kMaxToken);
}

bool well_formed(const StartSession& asked) {
  return station(asked.station) && name(asked.token, kMaxToken) &&
         within(asked.connector.value(), 1, kMaxConnector) && asked.register_wh <= kMostWh;
}

bool well_formed(const RecordReadings& asked) {
  return station(asked.station) && readings_fit(asked.readings);
}

bool well_formed(const StopSession& asked) {
  return station(asked.station) && (asked.token.empty() || name(asked.token, kMaxToken)) &&
         asked.register_wh <= kMostWh && readings_fit(asked.readings);
}

bool well_formed(const CloseSession&) {
  return true;
}

bool well_formed(const NoteStation& asked) {
  return station(asked.station) && text(asked.topic) && text(asked.detail, kMaxNote);
}

bool well_formed(const RequestCall& asked) {
  return !asked.call.is_zero() && station(asked.station) && name(asked.action, 40) &&
         within(asked.timeout_s, 1, kDay) && (asked.token.empty() || name(asked.token, kMaxToken));
}

bool well_formed(const EndCall& asked) {
  using enum CallResult;
  return text(asked.detail, kMaxNote) && (asked.result == accepted || asked.result == rejected ||
                                          asked.result == failed || asked.result == not_sent);
}

}  // namespace keel::torture
