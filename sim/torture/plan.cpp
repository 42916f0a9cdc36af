#include "sim/torture/plan.hpp"

#include <fmt/core.h>

#include "sim/world/random.hpp"

namespace keel::torture {

namespace {

using sim::Chance;

// A feature's own generator, so that a new feature does not shift the draws of the others.
class Drawer {
 public:
  Drawer(std::uint64_t seed, std::uint64_t feature)
      : random_(seed * 0x9e3779b97f4a7c15u ^ feature * 0xc2b2ae3d27d4eb4fu) {}
  bool percent(std::uint32_t chance) { return random_.draw(Chance::percent(chance)); }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + random_.below(high - low + 1);
  }
  template <typename T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + random_.below(choices.size()));
  }

 private:
  sim::Random random_;
};

void draw_disk(Plan& plan, Drawer draw) {
  sim::DiskFaults& disk = plan.disk;
  disk.page_dropped = Chance::percent(draw.one_of({0u, 20u, 40u, 80u, 100u}));
  disk.page_torn = Chance::percent(draw.one_of({0u, 15u, 50u}));
  disk.page_corrupted = Chance::percent(draw.one_of({0u, 5u, 30u}));
  if (draw.percent(25)) disk.write_failed = Chance::percent(draw.one_of({1u, 5u}));
  if (draw.percent(25)) disk.sync_failed = Chance::percent(draw.one_of({1u, 5u}));
  disk.directory_sync_failed = disk.sync_failed;
  if (draw.percent(25)) disk.slow = Chance::percent(draw.one_of({1u, 10u}));
  plan.disk_fills = draw.percent(25);
}

void draw_journal(Plan& plan, Drawer draw) {
  journal::LocalOptions& options = plan.journal;
  options.cell = CellId(1);
  const std::uint64_t group = draw.one_of<std::uint64_t>({16, 32, 128, 256}) << 10;
  options.group = {.bytes = group, .records = draw.one_of<std::size_t>({8, 64, 4096})};
  options.first_segment_bytes = group + (draw.one_of<std::uint64_t>({8, 64, 256}) << 10);
  options.segment_bytes = options.first_segment_bytes << draw.between(0, 2);
  options.sync = draw.percent(50) ? journal::SyncMode::dsync : journal::SyncMode::fdatasync;
  options.seal_delay = Duration::milliseconds(draw.one_of({1, 5, 50}));
}

void draw_log(Plan& plan, Drawer draw) {
  plan.log.seed = plan.seed;
  plan.log.capacity = {.bytes = draw.one_of<std::uint64_t>({16, 64, 512}) << 10,
                       .records = draw.one_of<std::size_t>({8, 4096})};
  plan.log.in_flight = draw.between(1, 6);
  plan.log.latency_high = Duration::milliseconds(draw.one_of({20, 200}));
  plan.log.refused_percent = draw.one_of({0u, 5u, 20u});
  plan.log.unknown_percent = draw.one_of({0u, 2u, 10u});
  plan.writers = draw.percent(50) ? 2 : 1;
}

void draw_cell(Plan& plan, Drawer draw) {
  plan.inbox = draw.one_of<std::size_t>({2, 16, 256});
  plan.cell.waiting_limit = draw.one_of<std::size_t>({1, 8, 4096});
  plan.cell.limits.time_events = draw.one_of<std::size_t>({1, 3, 64});
  if (draw.percent(15)) plan.cell.state.command_ids = draw.between(40, 300);
  if (draw.percent(10)) plan.cell.state.tenants = 1;
  if (draw.percent(75)) {
    plan.cell.snapshots.directory = kSnapshotDirectory;
    plan.cell.snapshots.every_records = draw.one_of<std::uint64_t>({10, 50, 200});
    plan.cell.snapshots.kept = draw.between(1, 3);
  }
  if (draw.percent(10)) plan.ledger.max_transfers = draw.between(50, 400);
  if (draw.percent(5)) plan.ledger.max_accounts = draw.between(4, 20);
  if (draw.percent(5)) plan.ledger.max_ledgers = draw.between(1, 3);
}

// So small that most rows leave memory, and merges come after a few.
void draw_archive(Plan& plan, Drawer draw) {
  if (!draw.percent(60)) return;
  plan.cell.cold = {.directory = std::string(kArchiveDirectory),
                    .hot_bytes = draw.one_of<std::uint64_t>({1, 4, 16}) << 10,
                    .store = {.block_bytes = 4096,
                              .blocks_per_file = draw.one_of<std::uint32_t>({2, 64}),
                              .cache_bytes = draw.one_of<std::size_t>({4, 32}) << 20,
                              .run_rows = draw.one_of<std::uint64_t>({50, 5'000}),
                              .fan_out_unique = 2,
                              .fan_out = 3,
                              .most_runs_unique = 32,
                              .most_runs = 32}};
}

void draw_clients(Plan& plan, Drawer draw) {
  plan.clients = static_cast<std::uint32_t>(draw.between(1, 8));
  plan.readers = static_cast<std::uint32_t>(draw.between(0, 3));
  plan.tenants = static_cast<std::uint32_t>(draw.between(1, 3));
  plan.lives = static_cast<std::uint32_t>(draw.between(2, 7));
  plan.commands_a_life = static_cast<std::uint32_t>(draw.one_of({15, 40, 90}));
  plan.life = Duration::milliseconds(draw.one_of({300, 1'500, 6'000}));
  plan.client_pause = Duration::milliseconds(draw.one_of({0, 5, 40}));
  plan.query = Chance::percent(draw.one_of({5u, 30u, 50u}));
  plan.again = Chance::percent(draw.one_of({0u, 10u, 30u}));
  plan.vanish = Chance::percent(draw.one_of({0u, 5u, 20u}));
  plan.give_up = Chance::percent(draw.one_of({0u, 5u, 40u}));
  if (draw.percent(25)) {
    plan.reader_sleeps = Chance::percent(50);
    plan.reader_lag = draw.between(5, 40);
  }
}

void draw_charging(Plan& plan, Drawer draw) {
  ChargingPlan& charging = plan.charging;
  charging.on = draw.percent(60);
  charging.share = Chance::percent(draw.one_of({30u, 70u, 95u}));
  charging.tenants = static_cast<std::uint32_t>(draw.between(1, plan.tenants));
  charging.downtime = Duration::seconds(draw.one_of({0, 90, 900}));
  if (draw.percent(10)) charging.options.max_open_sessions = draw.between(3, 10);
  if (draw.percent(5)) charging.options.max_sessions = draw.between(5, 40);
  if (draw.percent(5)) charging.options.max_kept_stops = draw.between(1, 3);
  if (draw.percent(5)) charging.options.max_calls = draw.between(1, 4);
  if (draw.percent(5)) charging.options.max_tariff_versions = draw.between(4, 10);
  // The set-up of a tenant alone takes some twenty commands.
  if (charging.on) plan.commands_a_life = std::max<std::uint32_t>(plan.commands_a_life, 40);
}

// Where streams are nearly all that is asked, charging would only cost. Ledger and charging keep
// their depth in the other seeds, and what damage may cost is theirs to meet.
void draw_streams(Plan& plan, Drawer draw) {
  StreamsPlan& streams = plan.streams;
  streams.on = draw.percent(16) && plan.damage == Damage::none;
  streams.share = Chance::percent(draw.one_of({50u, 95u, 100u}));
  streams.tenants = static_cast<std::uint32_t>(draw.between(1, 2));
  streams.large = plan.journal.group.bytes >= (128 << 10) && draw.percent(15);
  streams::StreamsOptions& options = streams.options;
  options.session_entries = draw.one_of<std::uint32_t>({5, 40, 1'000});
  options.session_bytes = draw.one_of<std::uint64_t>({900, 20'000, 16 << 20});
  options.session_subscriptions = draw.one_of<std::uint32_t>({3, 1'000});
  if (draw.percent(50)) options.when_full = streams::WhenFull::drop_oldest;
  if (draw.percent(15)) options.max_sessions = draw.between(4, 8);
  if (draw.percent(15)) options.max_subscriptions = draw.between(4, 30);
  if (draw.percent(15)) options.max_entries = draw.between(5, 60);
  if (draw.percent(15)) options.max_message_bytes = draw.between(10, 60) << 10;
  if (draw.percent(15)) options.max_inbound = draw.between(2, 10);
  if (draw.percent(15)) options.max_retained = draw.between(2, 5);
  if (draw.percent(15)) options.max_retained_bytes = draw.between(200, 1'500);
  if (draw.percent(15)) options.max_content_rows = draw.between(6, 25);
  if (streams.on && streams.share.millionths > Chance::percent(50).millionths) {
    plan.charging.on = false;
  }
}

void draw_devices(Plan& plan, Drawer draw) {
  DevicesPlan& devices = plan.devices;
  devices.on = draw.percent(12) && plan.damage == Damage::none;
  devices.share = Chance::percent(draw.one_of({50u, 95u, 100u}));
  devices.tenants = static_cast<std::uint32_t>(draw.between(1, 2));
  devices::DevicesOptions& options = devices.options;
  options.kept_changes = draw.one_of<std::uint32_t>({3, 256});
  options.kept_bytes = draw.one_of<std::uint64_t>({100, 256 << 10});
  if (draw.percent(15)) options.max_devices = draw.between(2, 5);
  if (draw.percent(15)) options.max_calls = draw.between(2, 6);
  if (draw.percent(15)) options.twin.bytes = draw.between(40, 120);
  if (devices.on && devices.share.millionths > Chance::percent(50).millionths) {
    plan.charging.on = false;
  }
}

}  // namespace

Plan draw_plan(std::uint64_t seed) {
  Plan plan{.seed = seed};
  Drawer draw(seed, 0);
  if (draw.percent(25)) plan.storage = Storage::remote;
  if (plan.storage == Storage::local && draw.percent(15)) {
    plan.damage = draw.percent(50) ? Damage::misdirected : Damage::rot;
  }
  plan.clock = draw.one_of({Clock::steady, Clock::small_jumps, Clock::large_jumps});
  // Near the end of what a timestamp can say, where timeouts overflow.
  if (draw.percent(10)) plan.wall_start = Timestamp{9'200'000'000'000'000'000};
  draw_disk(plan, Drawer(seed, 1));
  draw_journal(plan, Drawer(seed, 2));
  draw_log(plan, Drawer(seed, 3));
  draw_cell(plan, Drawer(seed, 4));
  draw_clients(plan, Drawer(seed, 5));
  draw_archive(plan, Drawer(seed, 6));
  draw_charging(plan, Drawer(seed, 7));
  draw_streams(plan, Drawer(seed, 8));
  draw_devices(plan, Drawer(seed, 9));
  if (plan.storage == Storage::local) plan.writers = 1;
  if (plan.damage == Damage::misdirected) plan.disk.write_misdirected = {.millionths = 5'000};
  return plan;
}

Plan sweep_plan(std::uint64_t seed, std::vector<std::uint64_t> cuts) {
  Plan plan = draw_plan(seed);
  plan.storage = Storage::local;
  plan.writers = 1;
  plan.damage = Damage::none;
  plan.clock = Clock::steady;
  plan.disk_fills = false;
  plan.disk.write_failed = plan.disk.sync_failed = plan.disk.slow = Chance::never();
  plan.disk.directory_sync_failed = Chance::never();
  plan.disk.write_misdirected = Chance::never();
  plan.disk.page_dropped = Chance::percent(15);
  plan.disk.page_torn = Chance::percent(30);
  plan.disk.page_corrupted = Chance::percent(70);
  plan.cell.snapshots.directory = kSnapshotDirectory;
  plan.cell.snapshots.every_records = 15;
  // Rows that leave memory after a few commands, and merges soon after.
  if (!plan.cell.cold.directory.empty()) {
    plan.cell.cold.hot_bytes = 1 << 10;
    plan.cell.cold.store.run_rows = 50;
    plan.query = Chance::percent(10);
  }
  plan.lives = static_cast<std::uint32_t>(cuts.size());
  // With charging a tenant is to be set up first, and sessions are to come to their bills.
  const bool long_life =
      !plan.cell.cold.directory.empty() || plan.charging.on || plan.streams.on || plan.devices.on;
  plan.commands_a_life = long_life ? 100 : 30;
  plan.life = Duration::milliseconds(long_life ? 1'200 : 400);
  plan.charging.tenants = 1;
  plan.charging.share = Chance::percent(95);
  plan.cut_at_time = plan.killed = Chance::never();
  plan.cuts = std::move(cuts);
  return plan;
}

std::string to_string(const Plan& plan) {
  const auto percent = [](Chance chance) { return chance.millionths / 10'000; };
  std::string text =
      plan.storage == Storage::local
          ? fmt::format("local files ({}, groups {} KiB, segments {} KiB)",
                        journal::to_string(plan.journal.sync), plan.journal.group.bytes >> 10,
                        plan.journal.first_segment_bytes >> 10)
          : fmt::format("remote log ({} in flight, {} % refused, {} % unknown, {} writers)",
                        plan.log.in_flight, plan.log.refused_percent, plan.log.unknown_percent,
                        plan.writers);
  text += fmt::format(
      ", pages dropped {} torn {} corrupted {} %, writes failed {} %, syncs failed {} %, slow {} %",
      percent(plan.disk.page_dropped), percent(plan.disk.page_torn),
      percent(plan.disk.page_corrupted), percent(plan.disk.write_failed),
      percent(plan.disk.sync_failed), percent(plan.disk.slow));
  if (plan.disk_fills) text += ", disk fills";
  if (plan.damage == Damage::misdirected) text += ", writes misdirected";
  if (plan.damage == Damage::rot) text += ", bits rot";
  if (plan.clock == Clock::small_jumps) text += ", small jumps of the clock";
  if (plan.clock == Clock::large_jumps) text += ", large jumps of the clock";
  const bool snapshots = !plan.cell.snapshots.directory.empty();
  text += snapshots ? fmt::format(", a snapshot every {} records, {} kept",
                                  plan.cell.snapshots.every_records, plan.cell.snapshots.kept)
                    : std::string(", no snapshots");
  if (!plan.cell.cold.directory.empty()) {
    text += fmt::format(", {} KiB of rows in memory", plan.cell.cold.hot_bytes >> 10);
  }
  if (plan.charging.on) {
    text += fmt::format(", charging with {} tenants, {} % of what is asked, down for {} s",
                        plan.charging.tenants, percent(plan.charging.share),
                        plan.charging.downtime.ns / 1'000'000'000);
  }
  if (plan.streams.on) {
    text += fmt::format(", streams with {} tenants, {} % of what is asked{}", plan.streams.tenants,
                        percent(plan.streams.share), plan.streams.large ? ", some large" : "");
  }
  if (plan.devices.on) {
    text += fmt::format(", devices with {} tenants, {} % of the rest", plan.devices.tenants,
                        percent(plan.devices.share));
  }
  text += fmt::format(", {} clients, {} readers, {} tenants, {} lives of {} commands", plan.clients,
                      plan.readers, plan.tenants, plan.lives, plan.commands_a_life);
  return text;
}

}  // namespace keel::torture
