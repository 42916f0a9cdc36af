#include "sim/torture/charging/charging_workload.hpp"

#include <fmt/core.h>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "modules/charging/accounts.hpp"
#include "modules/charging/queries.hpp"
#include "modules/ledger/requests.hpp"
#include "sim/torture/charging/words.hpp"

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words
using sim::Random;

constexpr PrincipalId kDoor{5};
constexpr std::uint32_t kLedger = 47;
constexpr std::uint64_t kStations = 3;
constexpr std::uint64_t kDrivers = 4;
constexpr std::uint64_t kTokens = 6;
constexpr std::uint64_t kBank = 4'700;
constexpr std::size_t kStories = 40;
// Ids of its own, beside those of the ledger's workload.
constexpr std::uint64_t kFirstTransfer = 1'000'000;
constexpr uint128 kFirstCommand = uint128{1} << 64;

bool percent(Random& random, std::uint32_t chance) {
  return random.draw(sim::Chance::percent(chance));
}
template <typename T>
T one_of(Random& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random.below(choices.size()));
}
Duration minutes(Random& random, std::uint64_t most) {
  return Duration::seconds(static_cast<std::int64_t>(random.below(most * 60 + 1)));
}

std::string station_name(std::uint64_t number) {
  return fmt::format("CP-{}", number);
}
std::string token_name(std::uint64_t number) {
  return number == 0 ? "STRANGER" : fmt::format("Card-{}", number);
}

std::uint64_t price(Random& random) {
  return percent(random, 25) ? 0 : random.below(400'000);
}

TariffTerms draw_terms(Random& random) {
  TariffTerms terms{.name = "t",
                    .currency = "EUR",
                    .session_fee = price(random) * 3,
                    .energy_per_kwh = price(random),
                    .time_per_minute = price(random) / 10,
                    .idle_per_minute = price(random) / 5,
                    .idle_grace_s = static_cast<std::uint32_t>(random.below(1'200)),
                    .utc_offset_minutes = static_cast<std::int16_t>(random.below(1'681)),
                    .tax_basis_points = static_cast<std::uint16_t>(random.below(3'000)),
                    .prices_include_tax = percent(random, 50),
                    .rounding = Rounding{static_cast<std::uint8_t>(random.below(4))}};
  terms.utc_offset_minutes = static_cast<std::int16_t>(terms.utc_offset_minutes - 840);
  for (std::uint64_t windows = random.below(4); windows > 0; --windows) {
    static_cast<void>(terms.windows.try_push_back(
        {.from_minute = static_cast<std::uint16_t>(random.below(1'440)),
         .to_minute = static_cast<std::uint16_t>(1 + random.below(1'440)),
         .weekdays = static_cast<std::uint8_t>(percent(random, 50) ? 0 : random.below(128)),
         .energy_per_kwh = price(random),
         .time_per_minute = price(random) / 10}));
  }
  return terms;
}

}  // namespace

// --- ids ---------------------------------------------------------------------------------------

template <typename C>
Ask ChargingWorkload::of(TenantId tenant, const C& command) {
  Ask ask{.tenant = tenant,
          .principal = kDoor,
          .id = CommandId(kFirstCommand + ++last_command_),
          .type = C::kType.value()};
  encode(command, ask.payload);
  return ask;
}

template <typename C>
Ask ChargingWorkload::by_content(TenantId tenant, const std::string& station, const C& command) {
  Ask ask = of(tenant, command);
  const Digest digest = sha256({as_bytes(station), object_bytes(ask.type), ask.payload});
  ask.id = CommandId(ByteReader(digest).read<uint128>().value());
  return ask;
}

Ask ChargingWorkload::ledger_command(TenantId tenant, kernel::CommandType type, ByteView row) {
  Ask ask{.tenant = tenant,
          .principal = kDoor,
          .id = CommandId(kFirstCommand + ++last_command_),
          .type = type.value()};
  append(ask.payload, object_bytes(ledger::BatchHeader{}));
  append(ask.payload, row);
  return ask;
}

// --- the operator ------------------------------------------------------------------------------

Ask ChargingWorkload::configure(Random& random, TenantId tenant) {
  Settings settings{.ledger = kLedger,
                    .currency = "EUR",
                    .exponent = 2,
                    .hold = percent(random, 70) ? 300 + random.below(1'500) : 0,
                    .vanished_after_s = one_of<std::uint32_t>(random, {60, 300, 600}),
                    .clock_error_s = one_of<std::uint32_t>(random, {1, 300, 3'600}),
                    .offline_after_s = one_of<std::uint32_t>(random, {5, 7'200, 86'400}),
                    .longest_offline_s = one_of<std::uint32_t>(random, {3'600, 86'400, 7 * 86'400}),
                    .stop_kept_s = one_of<std::uint32_t>(random, {60, 300, 600}),
                    .longest_session_s = one_of<std::uint32_t>(random, {1'800, 3'600})};
  if (percent(random, 3)) settings.currency = "USD";
  return of(tenant, Configure{.settings = settings});
}

Ask ChargingWorkload::publish(Random& random, TenantId tenant, std::uint32_t tariff) {
  PublishTariff asked{.tariff = TariffId(tariff), .terms = draw_terms(random)};
  if (percent(random, 4)) asked.terms.currency = "USD";
  return of(tenant, asked);
}

Ask ChargingWorkload::register_station(Random& random, TenantId tenant, std::uint64_t number) {
  RegisterStation asked{.station = station_name(number),
                        .connectors = static_cast<std::uint16_t>(1 + random.below(2)),
                        .tariff = TariffId(static_cast<std::uint32_t>(1 + random.below(2))),
                        .blocked = percent(random, 4)};
  if (percent(random, 30)) asked.secret = sha256({as_bytes(asked.station)});
  if (percent(random, 4)) asked.tariff = TariffId(9);
  return of(tenant, asked);
}

Ask ChargingWorkload::register_driver(Random& random, TenantId tenant, std::uint64_t number) {
  return of(tenant, RegisterDriver{.driver = DriverId(number),
                                   .credit_limit = number == 2 ? 500u : 0u,
                                   .blocked = number == 3 && percent(random, 50),
                                   .max_sessions = static_cast<std::uint16_t>(random.below(3))});
}

Ask ChargingWorkload::register_token(Random& random, TenantId tenant, std::uint64_t number,
                                     Timestamp now) {
  RegisterToken asked{.token = token_name(number),
                      .driver = DriverId(1 + (number - 1) % kDrivers),
                      .blocked = percent(random, 8)};
  if (percent(random, 20)) asked.expires_at = now + minutes(random, 20);
  if (percent(random, 20)) asked.group = "FLEET";
  if (percent(random, 4)) asked.driver = DriverId(1 + random.below(kDrivers + 2));
  return of(tenant, asked);
}

// An empty one takes it back.
Ask ChargingWorkload::register_meter_key(Random& random, TenantId tenant) {
  RegisterMeterKey asked{
      .station = station_name(random.below(kStations + 1)),
      .connector =
          ConnectorNumber(static_cast<std::uint16_t>(random.below(percent(random, 10) ? 4 : 3)))};
  if (!percent(random, 40)) asked.key.resize(1 + random.below(kMaxMeterKey));
  if (percent(random, 3)) asked.key.resize(kMaxMeterKey + 1);
  random.fill(asked.key);
  return of(tenant, asked);
}

Ask ChargingWorkload::fund(Random& random, TenantId tenant) {
  const DriverId driver(1 + random.below(kDrivers));
  const ledger::Transfer row{
      .id = ledger::TransferId(kFirstTransfer + ++last_transfer_),
      .debit_account = ledger::AccountId(kBank),
      .credit_account = ledger::AccountId(account_id(kLedger, AccountRole::driver, driver)),
      .amount = 200 + random.below(4'000),
      .ledger = ledger::LedgerId(kLedger),
      .code = ledger::Code(1)};
  return ledger_command(tenant, ledger::kCreateTransfers, object_bytes(row));
}

// For half a minute or so an account takes no transfers: one of the operator's, or a driver's.
Ask ChargingWorkload::close_account(Random& random, TenantId tenant) {
  const auto role = one_of(random, {AccountRole::revenue, AccountRole::tax, AccountRole::driver,
                                    AccountRole::receivables});
  const DriverId driver(role == AccountRole::driver ? 1 + random.below(kDrivers) : 0);
  const ledger::Transfer row{.id = ledger::TransferId(kFirstTransfer + ++last_transfer_),
                             .debit_account = ledger::AccountId(kBank),
                             .credit_account = ledger::AccountId(account_id(kLedger, role, driver)),
                             .timeout_seconds = static_cast<std::uint32_t>(1 + random.below(40)),
                             .ledger = ledger::LedgerId(kLedger),
                             .code = ledger::Code(2),
                             .flags = ledger::TransferFlags(ledger::TransferFlag::pending) |
                                      ledger::TransferFlag::closing_credit};
  return ledger_command(tenant, ledger::kCreateTransfers, object_bytes(row));
}

Ask ChargingWorkload::set_up(Random& random, TenantId tenant, std::uint64_t step, Timestamp now) {
  if (step == 0) return configure(random, tenant);
  if (step == 1) {
    return ledger_command(tenant, ledger::kCreateAccounts,
                          object_bytes(ledger::AccountSpec{.id = ledger::AccountId(kBank),
                                                           .ledger = ledger::LedgerId(kLedger),
                                                           .code = ledger::Code(1)}));
  }
  if (step < 4) return publish(random, tenant, static_cast<std::uint32_t>(step - 1));
  step -= 4;
  if (step < kStations) return register_station(random, tenant, step + 1);
  step -= kStations;
  if (step < kDrivers) return register_driver(random, tenant, step + 1);
  step -= kDrivers;
  if (step < kTokens) return register_token(random, tenant, step + 1, now);
  return fund(random, tenant);
}

// --- stations ----------------------------------------------------------------------------------

// A clock that was never set, one that is years ahead, none at all, or out by some hours.
Timestamp ChargingWorkload::lie(Random& random, Timestamp truth, Timestamp now) {
  if (!percent(random, 6)) return truth;
  switch (random.below(5)) {
    case 0:
      return Timestamp{1};
    case 1:
      return Timestamp{INT64_MAX};
    case 2:
      return {};
    case 3:
      return now + Duration::seconds(5'000);
    default:
      return truth - Duration::seconds(20'000);
  }
}

// Some time goes by at the station, some of it after the last that it said; never beyond now.
void ChargingWorkload::pass(Random& random, Story& story, Timestamp now) {
  const Timestamp later = story.clock + minutes(random, one_of<std::uint64_t>(random, {1, 8, 60}));
  story.clock = std::max(story.clock, std::min(later, now));
}

Ask ChargingWorkload::start(Random& random, TenantId tenant, Timestamp now) {
  Story story{.tenant = tenant,
              .station = station_name(1 + random.below(kStations)),
              .connector = ConnectorNumber(static_cast<std::uint16_t>(1 + random.below(2))),
              .token = token_name(random.below(kTokens + 1)),
              .clock = now - minutes(random, one_of<std::uint64_t>(random, {0, 1, 50, 1'200}))};
  if (percent(random, 10)) story.token = lower(story.token);
  std::uint64_t& meter =
      meters_[fmt::format("{}/{}/{}", tenant.value(), story.station, story.connector.value())];
  meter += random.below(40);
  story.register_wh = meter;
  meter += random.below(40'000);
  story.start = {.station = story.station,
                 .connector = story.connector,
                 .token = story.token,
                 .register_wh = story.register_wh,
                 .time = lie(random, story.clock, now),
                 .offline = percent(random, 8)};
  if (percent(random, 3)) story.start.station = "CP-0";
  if (percent(random, 3)) story.start.connector = ConnectorNumber(7);
  stories_.push_back(std::move(story));
  if (stories_.size() > kStories) stories_.pop_front();
  // Its stop comes first.
  if (percent(random, 12)) return stop(random, stories_.back(), now);
  return send_start(random, stories_.back());
}

Ask ChargingWorkload::send_start(Random& random, Story& story) {
  StartSession asked = story.start;
  if (last_call_ > 0 && percent(random, 10)) asked.call = CallId(1 + random.below(last_call_));
  if (!story.start_sent) story.start.call = asked.call;
  Ask ask = by_content(story.tenant, story.station, story.start);
  // The same, in a command of another id: by another door, or after a day.
  if (story.start_sent && percent(random, 50)) ask = of(story.tenant, story.start);
  if (!story.start_sent) story.start_id = ask.id;
  story.start_sent = true;
  return ask;
}

Reading ChargingWorkload::reading(Random& random, Story& story, Timestamp now) {
  pass(random, story, now);
  story.register_wh += random.below(2'500);
  Reading reading{.time = lie(random, story.clock, now), .register_wh = story.register_wh};
  if (percent(random, 5)) reading.register_wh = story.register_wh / 2;
  if (percent(random, 5)) reading.register_wh.reset();
  if (percent(random, 10)) reading.power_w = static_cast<std::int64_t>(random.below(22'000));
  if (percent(random, 5)) {
    constexpr std::array kRefused{SignatureCheck::unchecked, SignatureCheck::fails,
                                  SignatureCheck::malformed};
    reading.signed_value = Bytes(1 + random.below(60), std::byte{7});
    reading.signature = kRefused.at(reading.signed_value.size() % kRefused.size());
  }
  return reading;
}

Ask ChargingWorkload::readings(Random& random, Story& story, Timestamp now) {
  RecordReadings asked{.station = story.station,
                       .connector = story.connector,
                       .session = percent(random, 85) ? story.told : SessionNumber()};
  const std::uint64_t most = percent(random, 4) ? 30 : 3;
  for (std::uint64_t count = random.below(most) + 1; count > 0; --count) {
    asked.readings.push_back(reading(random, story, now));
  }
  if (percent(random, 10)) std::ranges::reverse(asked.readings);
  if (percent(random, 2)) asked.readings.clear();
  if (percent(random, 3))
    asked.session = SessionNumber(1 + static_cast<std::uint32_t>(random.below(30)));
  return by_content(story.tenant, story.station, asked);
}

Ask ChargingWorkload::stop(Random& random, Story& story, Timestamp now) {
  pass(random, story, now);
  if (!story.stopped) story.register_wh += random.below(2'500);
  StopSession asked{.station = story.station,
                    .session = story.told,
                    .register_wh = story.register_wh,
                    .time = lie(random, story.clock, now),
                    .reason = StopReason{static_cast<std::uint8_t>(random.below(11))}};
  if (percent(random, 60)) asked.token = story.token;
  if (percent(random, 5)) asked.token = token_name(random.below(kTokens + 1));
  if (percent(random, 6)) asked.register_wh -= std::min<std::uint64_t>(asked.register_wh, 3'000);
  if (percent(random, 6)) asked.session = {};
  if (percent(random, 3))
    asked.session = SessionNumber(1 + static_cast<std::uint32_t>(random.below(30)));
  for (std::uint64_t count = percent(random, 20) ? random.below(4) : 0; count > 0; --count) {
    asked.readings.push_back(
        {.time = lie(random, story.clock, now), .register_wh = story.register_wh});
  }
  story.stopped = true;
  if (percent(random, 30)) return of(story.tenant, asked);
  return by_content(story.tenant, story.station, asked);
}

Ask ChargingWorkload::status(Random& random, Story& story, Timestamp now) {
  pass(random, story, now);
  const ReportStatus asked{
      .station = story.station,
      .connector = percent(random, 95) ? story.connector : ConnectorNumber(9),
      .status = percent(random, 70)
                    ? one_of(random, {ConnectorStatus::suspended_by_vehicle,
                                      ConnectorStatus::charging, ConnectorStatus::finishing})
                    : ConnectorStatus{static_cast<std::uint8_t>(random.below(10))},
      .time = lie(random, story.clock, now)};
  if (asked.time.ns == 0) return of(story.tenant, asked);
  return by_content(story.tenant, story.station, asked);
}

Ask ChargingWorkload::said_of_itself(Random& random, TenantId tenant, Timestamp now) {
  const std::string station = station_name(random.below(kStations + 1));
  switch (random.below(3)) {
    case 0:
      return of(tenant, BootStation{.station = station, .vendor = "V", .firmware = "1.2"});
    case 1:
      return of(tenant,
                SeenStations{.stations = {{.station = station, .at = now},
                                          {.station = "CP-1", .at = now - minutes(random, 10)}}});
    default:
      return of(tenant, NoteStation{.station = station,
                                    .kind = NoteKind{static_cast<std::uint8_t>(random.below(6))},
                                    .topic = "Downloading",
                                    .time = now});
  }
}

Ask ChargingWorkload::call(Random& random, TenantId tenant) {
  if (last_call_ > 0 && percent(random, 50)) {
    return of(tenant,
              EndCall{.call = CallId(1 + random.below(last_call_ + 1)),
                      .result = one_of(random, {CallResult::accepted, CallResult::rejected,
                                                CallResult::failed, CallResult::not_sent})});
  }
  if (!percent(random, 15)) ++last_call_;
  return of(tenant,
            RequestCall{.call = CallId(std::max<std::uint64_t>(last_call_, 1)),
                        .station = station_name(random.below(kStations + 1)),
                        .action = "remote_start",
                        .connector = ConnectorNumber(static_cast<std::uint16_t>(random.below(4))),
                        .token = percent(random, 60) ? token_name(random.below(kTokens)) : "",
                        .timeout_s = static_cast<std::uint32_t>(1 + random.below(60))});
}

Ask ChargingWorkload::malformed(Random& random, TenantId tenant) {
  switch (random.below(8)) {
    case 0:
      return of(tenant, StartSession{.station = "CP-1", .token = "x"});  // connector 0
    case 1:
      return of(tenant, StopSession{.station = " CP-1"});
    case 2:
      return of(tenant, RecordReadings{.station = "CP-1", .readings = std::vector<Reading>(257)});
    case 3:
      return of(tenant, RegisterDriver{});
    case 4:
      return of(tenant, EndCall{.call = CallId(1), .result = CallResult::timed_out});
    case 5: {
      TariffTerms terms = draw_terms(random);
      terms.tax_basis_points = 10'001;
      return of(tenant, PublishTariff{.tariff = TariffId(1), .terms = terms});
    }
    case 6: {
      Ask ask = of(tenant, StartSession{.station = "CP-1", .token = "x"});
      ask.payload.resize(ask.payload.size() - 1);
      return ask;
    }
    default:
      return of(tenant, Authorize{.station = "CP-1", .token = std::string(37, 'x')});
  }
}

// --- draws -------------------------------------------------------------------------------------

Ask ChargingWorkload::command(Random& random, Timestamp now) {
  const TenantId tenant(static_cast<std::uint32_t>(1 + ++drawn_ % plan_.charging.tenants));
  std::uint64_t& step = steps_[tenant];
  constexpr std::uint64_t kSetUp = 4 + kStations + kDrivers + kTokens + 4;
  if (step < kSetUp) return set_up(random, tenant, step++, now);
  // What was lost of it comes later; what comes again changes something.
  if (percent(random, 7)) return set_up(random, tenant, random.below(kSetUp), now);
  if (percent(random, 3)) return close_account(random, tenant);
  if (percent(random, 3)) return fund(random, tenant);
  if (percent(random, 2)) return malformed(random, tenant);
  if (percent(random, 4)) return said_of_itself(random, tenant, now);
  if (percent(random, 5)) return call(random, tenant);
  if (percent(random, 6)) return register_meter_key(random, tenant);
  if (percent(random, 5)) {
    return of(tenant, Authorize{.station = station_name(random.below(kStations + 1)),
                                .token = token_name(random.below(kTokens + 1))});
  }
  if (percent(random, 3)) {
    return of(
        tenant,
        CloseSession{.session = SessionNumber(1 + static_cast<std::uint32_t>(random.below(30)))});
  }
  if (percent(random, 1)) {
    return of(tenant, ForgetDriver{.driver = DriverId(kDrivers + random.below(2))});
  }
  if (stories_.empty() || percent(random, 25)) return start(random, tenant, now);
  Story& story = stories_.at(random.below(stories_.size()));
  if (!story.start_sent) return send_start(random, story);
  if (percent(random, 5)) return send_start(random, story);
  const std::uint64_t what = random.below(100);
  if (what < 45) return readings(random, story, now);
  if (what < 65) return status(random, story, now);
  return stop(random, story, now);
}

Ask ChargingWorkload::query(Random& random, Timestamp) {
  const TenantId tenant(static_cast<std::uint32_t>(1 + random.below(plan_.charging.tenants)));
  Ask ask;
  const auto session = [&] { return SessionNumber(static_cast<std::uint32_t>(random.below(30))); };
  switch (random.below(7)) {
    case 0:
      ask = of(tenant, ListSessions{.only = session()});
      break;
    case 1:
      ask = of(tenant, ListSessions{.after = session(),
                                    .open_only = percent(random, 50),
                                    .station = percent(random, 50) ? station_name(1) : "",
                                    .limit = static_cast<std::uint32_t>(random.below(6))});
      break;
    case 2:
      ask = of(tenant,
               GetTariff{.tariff = TariffId(static_cast<std::uint32_t>(random.below(4))),
                         .version = TariffVersion(static_cast<std::uint32_t>(random.below(3)))});
      break;
    case 3:
      ask = of(tenant, GetDriver{.driver = DriverId(random.below(kDrivers + 2))});
      break;
    case 4:
      ask = of(tenant, GetCall{.call = CallId(random.below(last_call_ + 2))});
      break;
    case 5:
      ask = of(tenant, MeterKeys{.station = station_name(random.below(kStations + 1))});
      break;
    default:
      ask = of(tenant, StationCredentials{.station = station_name(random.below(kStations + 1))});
  }
  ask.is_query = true;
  return ask;
}

void ChargingWorkload::answered(const Ask& ask, const Bytes& reply) {
  if (ask.is_query || kernel::CommandType(ask.type) != StartSession::kType) return;
  const auto answer = decode<StartSession::Answer>(reply);
  if (!answer.ok()) return;
  for (Story& story : stories_) {
    if (story.tenant == ask.tenant && story.start_id == ask.id) story.told = answer->session;
  }
}

}  // namespace keel::torture
