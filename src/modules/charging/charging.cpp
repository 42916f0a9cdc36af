#include "modules/charging/charging.hpp"

#include "modules/charging/decide/commands.hpp"
#include "modules/charging/query/answers.hpp"

namespace keel::charging {
namespace {

template <typename... T>
struct Types {};

using Commands =
    Types<RecordReadings, StartSession, StopSession, ReportStatus, SeenStations, Authorize,
          BootStation, NoteStation, RequestCall, EndCall, CloseSession, Configure, PublishTariff,
          RegisterStation, RegisterDriver, RegisterToken, ForgetDriver, RegisterMeterKey>;

template <typename... T>
constexpr auto types_of(Types<T...>) {
  return std::array{T::kType...};
}
constexpr auto kCommands = types_of(Commands{});
constexpr std::array kQueries{
    StationCredentials::kType, ListStations::kType, ListSessions::kType, GetTariff::kType,
    GetDriver::kType,          GetSettings::kType,  GetCall::kType,      MeterKeys::kType};

template <typename E>
constexpr kernel::EventSchema schema(std::string_view name) {
  return {E::kEventType, E::kSchemaVersion, name};
}
constexpr std::array kEvents{
    schema<Configured>("configured"),
    schema<TariffPublished>("tariff_published"),
    schema<StationRegistered>("station_registered"),
    schema<DriverRegistered>("driver_registered"),
    schema<TokenRegistered>("token_registered"),
    schema<DriverForgotten>("driver_forgotten"),
    schema<MeterKeyRegistered>("meter_key_registered"),
    schema<StationBooted>("station_booted"),
    schema<StationsSeen>("stations_seen"),
    schema<StatusReported>("status_reported"),
    schema<TokenChecked>("token_checked"),
    schema<StationNoted>("station_noted"),
    schema<CallRequested>("call_requested"),
    schema<CallEnded>("call_ended"),
    schema<CallDropped>("call_dropped"),
    schema<SessionStarted>("session_started"),
    schema<ReadingsRecorded>("readings_recorded"),
    schema<IdleChanged>("idle_changed"),
    schema<SessionStopped>("session_stopped"),
    schema<SessionClosed>("session_closed"),
    schema<SessionDeferred>("session_deferred"),
    schema<StopKept>("stop_kept"),
    schema<StopReleased>("stop_released"),
    schema<StopConflicted>("stop_conflicted"),
    schema<SessionExtended>("session_extended"),
    schema<CorrectionEnded>("correction_ended"),
};

template <typename... T>
Result<Outcome> dispatch(const Decision& d, Types<T...>) {
  Result<Outcome> result =
      Error(kUnknownType, "command type " + std::to_string(d.command->type.value()));
  const auto look = [&]<typename One>(std::type_identity<One>) {
    if (d.command->type != One::kType) return false;
    const auto asked = keel::decode<One>(d.command->payload);
    result = asked.ok() ? decide(d, *asked) : Result<Outcome>(asked.error());
    return true;
  };
  static_cast<void>((look(std::type_identity<T>{}) || ...));
  return result;
}

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
  return dispatch(
      {.state = *state_, .ledger = ledger_, .tx = tx, .context = context, .command = &command},
      Commands{});
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
