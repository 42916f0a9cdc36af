#include "node/commands/fleet/measured_fleet.hpp"

#include "node/commands/run_on_core.hpp"
#include "node/fleet/errors.hpp"

namespace keel::node {

using runtime::Core;
using runtime::Task;

namespace {

Task<> run_fleet(MqttFleet* fleet, Duration drain, runtime::Wait wait) {
  co_await fleet->run(drain, wait);
}

Task<Result<MeasuredFleet>> measure(Core& core, const MqttFleetOptions* options,
                                    const FleetTimes* times) {
  std::array<std::byte, 4> random;
  core.entropy().fill(random);
  MqttFleet fleet(core, *options, ByteReader(random).read<std::uint32_t>().value());
  KEEL_CO_TRY(co_await fleet.connect({}));
  runtime::Scope scope(core);
  scope.spawn(run_fleet, &fleet, times->drain, scope.wait());
  static_cast<void>(co_await core.sleep_until(core.now() + times->warm_up, {}));
  static_cast<void>(fleet.take());

  const Timestamp began = core.now();
  const Result<ProcessUsage> before = process_usage(times->server_pid);
  static_cast<void>(co_await core.sleep_until(began + times->measured, {}));
  MeasuredFleet measured;
  const Result<ProcessUsage> after = process_usage(times->server_pid);
  measured.fleet = fleet.take();
  measured.took = core.now() - began;
  if (times->server_pid != 0 && before.ok() && after.ok())
    measured.server = between(*before, *after, measured.took);
  fleet.stop();
  co_await scope.join();
  measured.afterwards = fleet.take();
  measured.missing = fleet.missing();
  if (times->server_pid != 0 && !measured.server)
    co_return Error(kBadFleet, "there is no process " + std::to_string(times->server_pid));
  co_return measured;
}

}  // namespace

Result<MeasuredFleet> measure_fleet(const MqttFleetOptions& options, const FleetTimes& times) {
  return run_on_core<MeasuredFleet>(Config{}, measure, &options, &times);
}

}  // namespace keel::node
