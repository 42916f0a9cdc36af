#include "modules/charging/charging.hpp"

#include "modules/charging/decide/commands.hpp"
#include "modules/charging/query/answers.hpp"

namespace keel::charging {
namespace {

using Commands = kernel::Types<RecordReadings, StartSession, StopSession, ReportStatus,
                               SeenStations, Authorize, BootStation, NoteStation, RequestCall,
                               EndCall, CloseSession, Configure, PublishTariff, RegisterStation,
                               RegisterDriver, RegisterToken, ForgetDriver, RegisterMeterKey>;

constexpr auto kCommands = kernel::types_of(Commands{});
constexpr auto kQueries = kernel::types_of(Queries{});

using kernel::event_schema;
constexpr std::array kEvents{
    event_schema<Configured>("configured"),
    event_schema<TariffPublished>("tariff_published"),
    event_schema<StationRegistered>("station_registered"),
    event_schema<DriverRegistered>("driver_registered"),
    event_schema<TokenRegistered>("token_registered"),
    event_schema<DriverForgotten>("driver_forgotten"),
    event_schema<MeterKeyRegistered>("meter_key_registered"),
    event_schema<StationBooted>("station_booted"),
    event_schema<StationsSeen>("stations_seen"),
    event_schema<StatusReported>("status_reported"),
    event_schema<TokenChecked>("token_checked"),
    event_schema<StationNoted>("station_noted"),
    event_schema<CallRequested>("call_requested"),
    event_schema<CallEnded>("call_ended"),
    event_schema<CallDropped>("call_dropped"),
    event_schema<SessionStarted>("session_started"),
    event_schema<ReadingsRecorded>("readings_recorded"),
    event_schema<IdleChanged>("idle_changed"),
    event_schema<SessionStopped>("session_stopped"),
    event_schema<SessionClosed>("session_closed"),
    event_schema<SessionDeferred>("session_deferred"),
    event_schema<StopKept>("stop_kept"),
    event_schema<StopReleased>("stop_released"),
    event_schema<StopConflicted>("stop_conflicted"),
    event_schema<SessionExtended>("session_extended"),
    event_schema<CorrectionEnded>("correction_ended"),
    event_schema<ReadingsUnplaced>("readings_unplaced"),
};

}  // namespace

Charging::Charging(kernel::UndoLog& undo, kernel::HashSeed seed, const ledger::Ledger& ledger,
                   const ChargingOptions& options)
    : ledger_(ledger), state_(std::make_unique<State>(undo, seed, options)) {}

Charging::~Charging() = default;

kernel::ModuleInfo Charging::info() const {
  return {.id = kModule,
          .name = "charging",
          .events = kEvents,
          .commands = kCommands,
          .queries = kQueries};
}

// Rows that are in memory need no naming for correctness; a person's key does.
void Charging::needs(const kernel::Command& command, kernel::Needs& needs) const {
  if (command.type != RegisterDriver::kType) return;
  const auto asked = keel::decode<RegisterDriver>(command.payload);
  if (!asked.ok() || asked->driver.is_zero()) return;
  if (asked->name.empty() && asked->email.empty()) return;
  needs.subject({command.tenant, asked->driver});
}

Result<kernel::Outcome> Charging::decide(kernel::Transaction& tx, const kernel::Command& command,
                                         const kernel::Context& context) const {
  const Decision d{
      .state = *state_, .ledger = ledger_, .tx = tx, .context = context, .command = &command};
  return kernel::dispatch(command, Commands{}, kUnknownType,
                          [&](const auto& asked) { return charging::decide(d, asked); });
}

void Charging::apply(const kernel::Event& event) {
  state_->apply(event);
}

std::optional<Timestamp> Charging::next_due() const {
  const auto first = state_->due.first();
  if (!first) return std::nullopt;
  return first.key().at;
}

std::size_t Charging::expire(kernel::Transaction& tx, const kernel::Context& context,
                             std::size_t limit) const {
  std::size_t emitted = 0;
  pass_time(
      {.state = *state_, .ledger = ledger_, .tx = tx, .context = context, .emitted = &emitted},
      limit);
  return emitted;
}

Result<> Charging::query(const kernel::Query& query, Bytes& reply) const {
  return answer(*state_, query, reply);
}

std::span<kernel::TableBase* const> Charging::tables() {
  return state_->tables();
}

std::uint64_t Charging::open_sessions() const {
  return state_->open_sessions.rows();
}

}  // namespace keel::charging
