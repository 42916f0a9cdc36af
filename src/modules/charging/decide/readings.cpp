// Readings of a meter: which of them count.
#include <algorithm>

#include "modules/charging/decide/commands.hpp"

namespace keel::charging {

EventTime event_time(const Decision& d, Timestamp said) {
  const SettingsRow& settings = *d.settings();
  const bool wrong = said > d.now() + Duration::seconds(settings.clock_error_s) ||
                     said < d.now() - Duration::seconds(settings.longest_offline_s);
  return {.counts = wrong ? d.now() : said, .wrong = wrong};
}

TariffTerms terms_of_session(const Decision& d, const SessionRow& row) {
  const TariffRow* tariff = d.state.tariff(d.tenant(), row.tariff, row.tariff_version);
  KEEL_ASSERT(tariff != nullptr);  // a version is for ever
  return terms_of(*tariff);
}

namespace {

// Why a reading does not count; nullopt: it does. No flag: it was known already, or is no register.
struct Verdict {
  bool counts = false;
  SessionFlags flag;
};

Verdict judge(const UsageRow& usage, const Reading& reading, const EventTime& time) {
  if (!reading.register_wh) return {};
  if (time.wrong) return {.flag = SessionFlag::reading_clock_wrong};
  const std::uint64_t register_wh = *reading.register_wh;
  if (time.counts == usage.register_time && register_wh == usage.register_wh) return {};
  if (time.counts < usage.register_time) return {.flag = SessionFlag::reading_out_of_order};
  if (register_wh < usage.register_wh) return {.flag = SessionFlag::reading_went_back};
  return {.counts = true};
}

}  // namespace

void record_readings(const Decision& d, SessionNumber session,
                     const std::vector<Reading>& readings) {
  const SessionRow* found = d.state.live(d.tenant(), session);
  if (found == nullptr || readings.empty()) return;
  const SessionRow& row = *found;
  const TariffTerms terms = terms_of_session(d, row);
  UsageRow usage = row.usage;
  const ByteView meter_key = d.state.meter_key(d.tenant(), row.station.view(), row.connector);
  ReadingsRecorded event{.session = session, .readings = readings, .flags = row.flags};
  bool any_signed = false;
  for (const Reading& reading : readings) {
    const EventTime time = event_time(d, reading.time);
    const Verdict verdict = judge(usage, reading, time);
    if (verdict.counts) {
      count_reading(usage, terms, {.time = time.counts, .register_wh = *reading.register_wh});
    }
    event.counts.push_back(verdict.counts ? 1 : 0);
    event.flags |= verdict.flag;
    const SignedVerdict worth = signed_verdict(reading, meter_key);
    event.verdicts.push_back(static_cast<std::uint8_t>(worth));
    event.flags |= signed_flags(reading, worth);
    any_signed = any_signed || worth != SignedVerdict::none;
  }
  if (!any_signed) event.verdicts.clear();
  event.usage = usage_of(usage);
  d.emit(event);
}

void leave_unplaced(const Decision& d, std::string_view station, ConnectorNumber connector,
                    SessionNumber named, const std::vector<Reading>& readings) {
  if (readings.empty()) return;
  const SessionRow* row = named.is_zero() ? nullptr : d.state.session(d.tenant(), named);
  const bool is_its_own = row != nullptr && row->station.view() == station;
  d.emit(ReadingsUnplaced{.station = std::string(station),
                          .connector = connector,
                          .named = named,
                          .session = is_its_own ? named : SessionNumber(),
                          .readings = readings});
}

Result<Outcome> decide(const Decision& d, const RecordReadings& asked) {
  KEEL_TRY(check_name("station", asked.station, kMaxStationId));
  KEEL_TRY(check_readings(asked.readings));
  if (d.settings() == nullptr) return outcome(OutcomeCode::not_configured);
  if (d.state.station(d.tenant(), asked.station) == nullptr) {
    return outcome(OutcomeCode::station_unknown);
  }
  SessionNumber session = asked.session;
  const auto unplaced = [&](OutcomeCode code) {
    leave_unplaced(d, asked.station, asked.connector, session, asked.readings);
    return outcome(code);
  };
  if (session.is_zero()) {
    const ConnectorRow* connector = d.state.connector(d.tenant(), asked.station, asked.connector);
    if (connector == nullptr) return unplaced(OutcomeCode::connector_unknown);
    session = connector->session;
  }
  const SessionRow* row = d.state.live(d.tenant(), session);
  if (row == nullptr) {
    const bool was = !session.is_zero() && d.state.session(d.tenant(), session) != nullptr;
    return unplaced(was ? OutcomeCode::session_over : OutcomeCode::session_unknown);
  }
  if (row->station.view() != asked.station) return unplaced(OutcomeCode::session_unknown);
  if (row->state != SessionState::open && row->correctable == Correctable::no) {
    return unplaced(OutcomeCode::session_over);
  }
  KEEL_TRY(room_for_signed(d, asked.readings));
  record_readings(d, session, asked.readings);
  return outcome(OutcomeCode::done);
}

}  // namespace keel::charging
