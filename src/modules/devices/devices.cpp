#include "modules/devices/devices.hpp"

#include "modules/devices/decide/commands.hpp"
#include "modules/devices/queries.hpp"
#include "modules/devices/query/answers.hpp"

namespace keel::devices {
namespace {

template <typename... T>
struct Types {};

using Commands = Types<UpdateTwin, SeeDevices, PublishTwins, TakeChanges, CallMethod, SendCall,
                       EndCall, RegisterDevice, SetCredentials, RemoveDevice>;
using Queries = Types<GetCredentials, ListDevices, GetTwin, ListChanges, ListUnpublished, GetCall,
                      ListOpenCalls>;

template <typename... T>
constexpr auto types_of(Types<T...>) {
  return std::array{T::kType...};
}
constexpr auto kCommands = types_of(Commands{});
constexpr auto kQueries = types_of(Queries{});

template <typename E>
constexpr kernel::EventSchema schema(std::string_view name) {
  return {E::kEventType, E::kSchemaVersion, name};
}
constexpr std::array kEvents{
    schema<DeviceRegistered>("device_registered"),
    schema<CredentialsSet>("credentials_set"),
    schema<DeviceRemoved>("device_removed"),
    schema<TwinUpdated>("twin_updated"),
    schema<ChangesTaken>("changes_taken"),
    schema<DevicesSeen>("devices_seen"),
    schema<TwinsPublished>("twins_published"),
    schema<MethodCalled>("method_called"),
    schema<MethodSent>("method_sent"),
    schema<MethodEnded>("method_ended"),
    schema<MethodForgotten>("method_forgotten"),
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
  return dispatch({.state = *state_, .tx = tx, .context = context, .command = &command},
                  Commands{});
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
