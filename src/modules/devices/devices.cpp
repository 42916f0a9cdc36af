#include "modules/devices/devices.hpp"

#include "modules/devices/decide/commands.hpp"
#include "modules/devices/queries.hpp"
#include "modules/devices/query/answers.hpp"

namespace keel::devices {
namespace {

using Commands = kernel::Types<UpdateTwin, SeeDevices, PublishTwins, TakeChanges, CallMethod,
                               SendCall, EndCall, RegisterDevice, SetCredentials, RemoveDevice>;

constexpr auto kCommands = kernel::types_of(Commands{});
constexpr auto kQueries = kernel::types_of(Queries{});

using kernel::event_schema;
constexpr std::array kEvents{
    event_schema<DeviceRegistered>("device_registered"),
    event_schema<CredentialsSet>("credentials_set"),
    event_schema<DeviceRemoved>("device_removed"),
    event_schema<TwinUpdated>("twin_updated"),
    event_schema<ChangesTaken>("changes_taken"),
    event_schema<DevicesSeen>("devices_seen"),
    event_schema<TwinsPublished>("twins_published"),
    event_schema<MethodCalled>("method_called"),
    event_schema<MethodSent>("method_sent"),
    event_schema<MethodEnded>("method_ended"),
    event_schema<MethodForgotten>("method_forgotten"),
};

}  // namespace

Devices::Devices(kernel::UndoLog& undo, kernel::HashSeed seed, const DevicesOptions& options)
    : state_(std::make_unique<State>(undo, seed, options)) {}

Devices::~Devices() = default;

kernel::ModuleInfo Devices::info() const {
  return {.id = kModule,
          .name = "devices",
          .events = kEvents,
          .commands = kCommands,
          .queries = kQueries};
}

Result<kernel::Outcome> Devices::decide(kernel::Transaction& tx, const kernel::Command& command,
                                        const kernel::Context& context) const {
  const Decision d{.state = *state_, .tx = tx, .context = context, .command = &command};
  return kernel::dispatch(command, Commands{}, kUnknownType,
                          [&](const auto& asked) { return devices::decide(d, asked); });
}

void Devices::apply(const kernel::Event& event) {
  state_->apply(event);
}

std::optional<Timestamp> Devices::next_due() const {
  const auto first = state_->due.first();
  if (!first) return std::nullopt;
  return first.key().at;
}

std::size_t Devices::expire(kernel::Transaction& tx, const kernel::Context& context,
                            std::size_t limit) const {
  return pass_time({.state = *state_, .tx = tx, .context = context}, limit);
}

Result<> Devices::query(const kernel::Query& query, Bytes& reply) const {
  return answer(*state_, query, reply);
}

std::span<kernel::TableBase* const> Devices::tables() {
  return state_->tables();
}

}  // namespace keel::devices
