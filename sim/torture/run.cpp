#include "sim/torture/run.hpp"

#include <fmt/core.h>

#include "journal/fake/memory_journal.hpp"
#include "journal/local/local_journal.hpp"
#include "journal/verify/verify.hpp"
#include "sim/torture/answered.hpp"
#include "sim/torture/judge/judge.hpp"
#include "sim/torture/mixed.hpp"
#include "sim/torture/stage/crowd.hpp"
#include "sim/torture/stage/modules.hpp"
#include "sim/torture/stage/rehash.hpp"
#include "sim/torture/stage/watchdog.hpp"

namespace keel::torture {

namespace {

constexpr Duration kSlice = Duration::milliseconds(20);
// Longer than any timeout that the workload gives a pending transfer.
constexpr Duration kAllExpired = Duration::seconds(15);
// Longer than any policy of charging: patience, a bill put off twice, stops that wait.
constexpr Duration kAllSettled = Duration::seconds(3 * 3'600);
// Longer than a call of a method is remembered after its end.
constexpr Duration kAllForgotten = Duration::seconds(26 * 3'600);
constexpr std::uint64_t kLittleSpace = 300 << 10;
// Of a life, of the phase without faults, of the comparison: many times what the longest takes.
constexpr std::uint64_t kStepsAPhase = 5'000'000;
// Of a whole run, for what never comes back from one step.
constexpr Duration kCpuTimeOfARun = Duration::seconds(60);

bool percent(sim::Random& random, std::uint32_t chance) {
  return random.draw(sim::Chance::percent(chance));
}

// The phases of a run, in order.
class Drama {
 public:
  Drama(const Plan& plan, const RunOptions& options)
      : run_(plan, options.salt, options.trace_lines),
        interrupted_(options.interrupted),
        examiner_(options.examiner),
        workload_(plan),
        oracle_(plan, run_.counts),
        crowd_(run_, workload_, oracle_) {
    journal::RemoteLog* log = plan.storage == Storage::remote ? &log_ : nullptr;
    for (std::uint32_t i = 1; i <= plan.writers; ++i) {
      sites_.push_back(std::make_unique<Site>(run_, log, i));
    }
  }

  Verdict play() {
    for (std::uint32_t life = 0; life < run_.plan.lives && !over(); ++life) {
      in_bounds(fmt::format("life {}", life + 1), [this] { live_once(); });
    }
    if (!over()) in_bounds("the phase without faults", [this] { finish(); });
    if (!run_.hung) in_bounds("the comparison", [this] { compare(); });
    return verdict();
  }
  bool hung() const noexcept { return run_.hung; }

 private:
  bool damaged_for_good() const {
    return std::ranges::any_of(sites_, [](const auto& site) { return site->damage().has_value(); });
  }
  bool over() const { return damaged_for_good() || !run_.told.findings.empty(); }

  // What does not come to an end is left as it is, with a name.
  template <typename Phase>
  void in_bounds(std::string_view name, Phase phase) {
    run_.world.allow_steps(kStepsAPhase, [this] {
      cut_short_ = interrupted_ && interrupted_();
      return cut_short_;
    });
    phase();
    if (!run_.world.exhausted()) return;
    run_.hung = true;
    // Before what waited in vain for it.
    auto& findings = run_.told.findings;
    findings.insert(
        findings.begin(),
        fmt::format("[liveness] did not converge: {} took more than {} steps", name, kStepsAPhase));
  }

  // --- the safety phase ---

  void live_once() {
    sim::Random& random = run_.random;
    Site& doomed = *sites_.at(random.below(sites_.size()));
    const std::uint32_t life = life_++;
    if (!run_.plan.cuts.empty()) {
      sim::Power& power = doomed.machine().power();
      const std::uint64_t cut = run_.plan.cuts.at(life);
      if (cut != UINT64_MAX) power.cut_before_write = power.writes_begun + cut;
    } else if (random.draw(run_.plan.cut_at_write)) {
      sim::Power& power = doomed.machine().power();
      power.cut_before_write =
          power.writes_begun + 1 + random.below(percent(random, 30) ? 20 : 150);
    }
    std::vector<Site*> up;
    for (const auto& site : sites_) {
      if (site->start()) up.push_back(site.get());
    }
    if (over()) return end_life();
    if (!up.empty()) {
      crowd_.allow(run_.plan.commands_a_life);
      crowd_.enter(up);
      watch_life(doomed);
    }
    if (doomed.up() && doomed.machine().power().on) {
      if (random.draw(run_.plan.cut_at_time)) {
        doomed.cut_power();
      } else if (random.draw(run_.plan.killed)) {
        doomed.kill();
      }
    }
    end_life();
  }

  void watch_life(Site& doomed) {
    const Timestamp end = run_.world.now() + run_.plan.life;
    while (run_.world.now() < end && doomed.machine().power().on && run_.told.findings.empty()) {
      const Timestamp slice = run_.world.now() + kSlice;
      static_cast<void>(run_.world.run_until_true(
          [&] { return !doomed.machine().power().on || run_.world.now() >= slice; }, kSlice));
      if (run_.world.now() < slice) run_.world.run_until(slice);
      meddle();
    }
  }

  void meddle() {
    sim::Random& random = run_.random;
    Site& site = *sites_.at(random.below(sites_.size()));
    if (!site.up() || !site.machine().power().on) return;
    if (percent(random, 20)) site.watch().look();
    if (percent(random, 5) && site.host().cell() != nullptr) site.host().cell()->take_snapshot();
    if (run_.plan.clock == Clock::small_jumps && percent(random, 5)) {
      jump_clock(site, Duration::seconds(20));
    }
    if (run_.plan.clock == Clock::large_jumps && percent(random, 3)) {
      jump_clock(site, Duration::seconds(3'000));
    }
    if (run_.plan.disk_fills && percent(random, 10)) {
      sim::DiskFaults& faults = site.machine().medium().faults();
      const bool full = faults.capacity_bytes != run_.plan.disk.capacity_bytes;  // or nearly
      const std::uint64_t used = site.machine().medium().used_bytes();
      faults.capacity_bytes =
          full ? run_.plan.disk.capacity_bytes : used + random.below(kLittleSpace);
      run_.say(full ? "the disk has space again" : "the disk is nearly full");
    }
    // A log's other writer takes over: the first one is fenced.
    if (sites_.size() > 1 && percent(random, 5)) {
      run_.counts.add("second writer took over");
      ++log_.history.state.epoch;
    }
  }

  void jump_clock(Site& site, Duration at_most) {
    const Duration by = run_.random.between(Duration{-at_most.ns}, at_most);
    site.machine().jump_wall_clock(by);
    // So much of a jump may be believed, or of several that nearly cancel out.
    run_.believed = run_.believed + run_.plan.cell.limits.clock_jump;
    run_.say(fmt::format("the clock jumps by {} ms", by.ns / 1'000'000));
  }

  void end_life() {
    for (const auto& site : sites_) site->stop();
    if (life_ == 1) writes_ = sites_.front()->machine().power().writes_begun;
    for (const auto& site : sites_) {
      if (run_.hung) return;
      if (site->machine().power().on && site->machine().power().cut_before_write == UINT64_MAX) {
        continue;
      }
      site->machine().cut_power();
      if (!run_.world.run_until_true([&] { return site->machine().at_rest(); })) return;
      site->restore();
      run_.say("power is back");
    }
    spoil_checkpoint();
    if (run_.plan.charging.on && run_.plan.charging.downtime.ns > 0) {
      run_.world.run_for(run_.random.between(Duration{}, run_.plan.charging.downtime));
    }
    if (run_.plan.damage == Damage::rot && percent(run_.random, 50)) rot();
    if (run_.plan.disk_fills && percent(run_.random, 50)) {
      sim::Medium& medium = sites_.front()->machine().medium();
      medium.faults().capacity_bytes = medium.used_bytes();
      run_.say("the disk is full");
    }
  }

  // A checkpoint that is wrong may cost time, and nothing else: a bit of it is changed, it is gone,
  // or an earlier one is back.
  void spoil_checkpoint() {
    sim::Medium& medium = sites_.front()->machine().medium();
    const std::string path = std::string(kJournalDirectory) + "/main.checkpoint";
    const auto node = medium.find(path);
    if (node == nullptr || node->durable.size_bytes == 0) return;
    Bytes now(node->durable.size_bytes);
    node->durable.read(0, now);
    sim::Random random(run_.plan.seed * 31 + life_);
    const std::uint64_t how = random.below(12);
    if (how == 0) medium.flip_bit(path, random.below(now.size()), 5);
    if (how == 1) medium.remove(path);
    if (how == 2 && !checkpoint_before_.empty()) {
      node->durable.write(0, checkpoint_before_);
      node->visible.write(0, checkpoint_before_);
    }
    if (how < 3) run_.say("the checkpoint is spoiled");
    checkpoint_before_ = std::move(now);
  }

  // One bit of one file.
  void rot() {
    sim::Medium& medium = sites_.front()->machine().medium();
    std::vector<std::string> files;
    for (const std::string_view directory :
         {kJournalDirectory, std::string_view(kSnapshotDirectory),
          std::string_view(kArchiveDirectory)}) {
      if (!medium.has_directory(directory)) continue;
      for (const std::string& name : medium.list(directory)) {
        std::string path = std::string(directory) + "/" + name;
        const auto node = medium.find(path);
        if (node != nullptr && node->durable.size_bytes > 0) files.push_back(std::move(path));
      }
    }
    if (files.empty()) return;
    const std::string& path = files.at(run_.random.below(files.size()));
    const auto node = medium.find(path);
    const std::uint64_t pages = node->durable.pages.size();
    if (pages == 0) return;
    const auto page = std::next(node->durable.pages.begin(),
                                static_cast<std::ptrdiff_t>(run_.random.below(pages)));
    const std::uint64_t at = page->first * sim::kPageBytes + run_.random.below(sim::kPageBytes);
    if (at >= node->durable.size_bytes) return;
    medium.flip_bit(path, at, static_cast<unsigned>(run_.random.below(8)));
    run_.rotten = true;
    run_.counts.add("bit rotted");
    if (path.starts_with(kArchiveDirectory)) run_.counts.add("bit rotted in the archive");
    run_.say(fmt::format("a bit of {} at {} rots", path, at));
  }

  // --- the liveness phase ---

  void finish() {
    run_.say("faults off");
    run_.faults_on = false;
    for (const auto& site : sites_) {
      sim::DiskFaults& faults = site->machine().medium().faults();
      faults = {};
    }
    Site& last = *sites_.front();
    if (!last.start()) {
      if (!damaged_for_good()) run_.find("[liveness] it does not start on a disk without faults");
      return;
    }
    crowd_.finish_up();
    crowd_.enter({&last});
    if (!run_.world.run_until_true([this] { return crowd_.served(); }, Duration::seconds(300))) {
      run_.find("[liveness] a client was not served within five minutes without faults");
    }
    run_.world.run_for(run_.plan.devices.on    ? kAllForgotten
                       : run_.plan.charging.on ? kAllSettled
                                               : kAllExpired);
    crowd_.do_duties(&last);
    if (!run_.world.run_until_true([this] { return crowd_.served(); }, Duration::seconds(300))) {
      run_.find("[liveness] a duty was not done within five minutes without faults");
    }
    const Position end = last.host().cell() == nullptr ? Position() : last.host().cell()->durable();
    if (!run_.world.run_until_true([&] { return crowd_.readers_at(end); },
                                   Duration::seconds(300))) {
      run_.find("[liveness] a reader did not come to the end within five minutes");
    }
    if (last.host().cell() != nullptr) {
      const engine::Statistics now = last.host().cell()->statistics();
      if (now.clock_held == 0) rested_at_ = wall_of(last);
    }
    const bool has_snapshot =
        last.host().cell() != nullptr && last.host().cell()->statistics().snapshots > 0;
    finished_ = true;
    last.stop();
    // Once more, from what is there.
    if (!last.start()) {
      run_.find("[liveness] it does not start after an orderly stop");
      return;
    }
    if (has_snapshot && last.watch().opened_from().is_zero()) {
      run_.find("[snapshots] one was taken, and the next opening has replayed everything");
    }
    last.stop();
  }

  static Timestamp wall_of(Site& site) { return site.machine().core(0).clock().wall(); }

  // --- what is left ---

  void compare() {
    for (const auto& site : sites_) {
      if (site->up()) site->stop();
    }
    const History history = read_history();
    JudgeOptions options{.complete = !run_.damaged(),
                         .at_rest = finished_ && !run_.damaged(),
                         .now = {},
                         .duties_done = crowd_.duties_done()};
    if (rested_at_) options.now = *rested_at_ - Duration::seconds(1);
    judge(history, run_.told, oracle_, options, run_.told.findings);
    last_ = history.last();
    if (damaged_for_good()) return;
    replay_all();
    if (examiner_ != nullptr && run_.told.findings.empty()) examine(history);
  }

  static runtime::Task<> examine_files(const Examiner* examiner, Run* run, runtime::Core* core,
                                       const History* history) {
    for (std::string& what :
         co_await examiner->examine(*core, std::string(kJournalDirectory), *history, run->counts)) {
      run->find(std::move(what));
    }
  }

  void examine(const History& history) {
    sim::Machine& machine = sites_.front()->machine();
    const bool local = run_.plan.storage == Storage::local;
    if (!local || run_.damaged() || !machine.power().on) return;
    machine.start(0, &Drama::examine_files, examiner_, &run_, &machine.core(0), &history);
    if (!run_.world.run_until_idle()) run_.find("[liveness] the examination does not end");
  }

  History read_history() {
    if (run_.plan.storage == Storage::remote) {
      std::vector<Bytes> groups;
      groups.reserve(log_.history.groups.size());
      for (const auto& group : log_.history.groups) groups.push_back(group.bytes);
      return read_groups(groups);
    }
    sim::Medium& medium = sites_.front()->machine().medium();
    std::map<std::string, Bytes> segments;
    if (!medium.has_directory(kJournalDirectory)) return {};
    for (const std::string& name : medium.list(kJournalDirectory)) {
      if (!name.ends_with(".main.segment")) continue;
      const auto node = medium.find(std::string(kJournalDirectory) + "/" + name);
      Bytes& bytes = segments[name];
      bytes.resize(node->durable.size_bytes);
      node->durable.read(0, bytes);
    }
    return read_segments(segments);
  }

  static runtime::Task<> replay_local(Run* run, runtime::Core* core,
                                      engine::ModuleFactory modules) {
    journal::LocalOptions options = run->plan.journal;
    options.read_only = true;
    auto opened = co_await journal::LocalJournal::open(*core, kJournalDirectory, options);
    if (!opened.ok()) {
      run->find("[replay] the journal does not open: " + opened.error().to_string());
      co_return;
    }
    const Result<> done = co_await rehash(*run, *core, *opened->journal, modules);
    if (!done.ok()) run->find("[replay] " + done.error().to_string());
    static_cast<void>(co_await opened->journal->close());
    const auto verified = co_await journal::verify(core->disk(), kJournalDirectory);
    if (verified.ok() && !verified->ok()) {
      run->find("[verify] " + verified->problems.front().to_string());
    }
  }

  static runtime::Task<> replay_remote(Run* run, runtime::Core* core, journal::RemoteLog* log,
                                       engine::ModuleFactory modules) {
    journal::MemoryJournal journal(*core, log->history);
    const Result<> done = co_await rehash(*run, *core, journal, modules);
    if (!done.ok()) run->find("[replay] " + done.error().to_string());
  }

  void replay_all() {
    if (!run_.world.run_until_idle()) return;
    sim::Machine& machine = sites_.front()->machine();
    if (!machine.power().on) return;
    const engine::ModuleFactory modules = modules_of(run_.plan);
    if (run_.plan.storage == Storage::remote) {
      machine.start(0, &Drama::replay_remote, &run_, &machine.core(0), &log_, modules);
    } else {
      machine.start(0, &Drama::replay_local, &run_, &machine.core(0), modules);
    }
    if (!run_.world.run_until_idle()) run_.find("[liveness] the replay does not end");
  }

  Verdict verdict() {
    for (std::size_t i = 0; i < sim::kFaultCount; ++i) {
      const auto fault = static_cast<sim::Fault>(i);
      if (const std::uint64_t fired = run_.world.counts().of(fault); fired > 0) {
        run_.counts.add(fmt::format("fault: {}", sim::to_string(fault)), fired);
      }
    }
    if (log_.fenced > 0) run_.counts.add("writer fenced", log_.fenced);
    if (damaged_for_good()) run_.counts.add("damage: refused at the start");
    run_.say(fmt::format("history of {} records", last_.value()));
    for (const HashTold& told : run_.told.hashes) {
      // A tenant of charging has a key that is drawn: its state is another one in the second run.
      const std::string hash = to_hex(told.hash);
      run_.plan.charging.on ? run_.say("a hash", hash) : run_.say(hash);
    }
    Verdict verdict{.seed = run_.plan.seed,
                    .findings = run_.told.findings,
                    .counts = std::move(run_.counts),
                    .last = last_,
                    .writes = writes_};
    for (const auto& site : sites_) {
      if (site->damage()) verdict.damage = site->damage()->to_string();
    }
    verdict.trace.assign(run_.trace.lines().begin(), run_.trace.lines().end());
    verdict.digest = run_.trace.digest();
    verdict.hung = run_.hung;
    verdict.cut_short = cut_short_;
    if (cut_short_) verdict.findings.clear();
    return verdict;
  }

  Run run_;
  std::function<bool()> interrupted_;
  const Examiner* examiner_;
  bool cut_short_ = false;
  journal::RemoteLog log_;
  MixedWorkload workload_;
  MixedOracle oracle_;
  Crowd crowd_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::uint32_t life_ = 0;
  Bytes checkpoint_before_;  // of the life before
  std::uint64_t writes_ = 0;
  bool finished_ = false;
  std::optional<Timestamp> rested_at_;
  Position last_;
};

}  // namespace

Verdict run(const Plan& plan, const RunOptions& options) {
  // Other addresses in the second run of a seed.
  std::vector<Bytes> ballast;
  ballast.reserve(options.salt % 64);
  for (std::uint64_t i = 0; i < options.salt % 64; ++i) ballast.emplace_back(1'000 + 777 * i);
  const Watchdog watchdog(plan.seed, kCpuTimeOfARun);
  auto drama = std::make_unique<Drama>(plan, options);
  Verdict verdict = drama->play();
  // What hangs cannot be taken down, so it is left behind.
  if (drama->hung()) static_cast<void>(drama.release());
  return verdict;
}

Counts declared_counts() {
  Counts counts;
  declare_answered(counts);
  LedgerOracle::declare(counts);
  ChargingOracle::declare(counts);
  StreamsOracle::declare(counts);
  DevicesOracle::declare(counts);
  for (const sim::Fault fault :
       {sim::Fault::page_dropped, sim::Fault::page_torn, sim::Fault::page_corrupted,
        sim::Fault::metadata_dropped, sim::Fault::size_dropped, sim::Fault::write_failed,
        sim::Fault::write_reordered, sim::Fault::sync_failed, sim::Fault::directory_sync_failed,
        sim::Fault::disk_full, sim::Fault::write_misdirected, sim::Fault::slow_disk,
        sim::Fault::wall_clock_jump, sim::Fault::power_cut}) {
    counts.declare(fmt::format("fault: {}", sim::to_string(fault)));
  }
  for (const std::string_view name : {"recovery: a new journal",
                                      "recovery: several segments",
                                      "recovery: from a checkpoint",
                                      "recovery: a checkpoint refused",
                                      "recovery: the disk was full",
                                      "recovery: an incomplete last write dropped",
                                      "recovery: an interrupted writing again finished",
                                      "opening: from a snapshot",
                                      "opening: from a snapshot and a tail",
                                      "opening: a snapshot rejected",
                                      "opening: again, after an unknown outcome",
                                      "state hash compared with a full replay",
                                      "second writer took over",
                                      "writer fenced",
                                      "killed",
                                      "bit rotted",
                                      "bit rotted in the archive",
                                      "rows moved to the archive",
                                      "rows not moved: the disk",
                                      "rows waited for",
                                      "bytes of indexes merged",
                                      "opening: an archive rejected",
                                      "damage: refused at the start",
                                      "damage: cost the last write, which was reported",
                                      "command repeated",
                                      "command taken back",
                                      "command unknown",
                                      "group refused",
                                      "clock held",
                                      "batch of time",
                                      "snapshot taken",
                                      "snapshot failed or abandoned",
                                      "client gave up",
                                      "client vanished",
                                      "client vanished: its command was decided",
                                      "duty done at the end",
                                      "refused: not allowed",
                                      "refused: shed",
                                      "told: engine.command_id_reused",
                                      "told: engine.wrong_revision",
                                      "told: engine.command_ids_full",
                                      "told: engine.queue_full",
                                      "told: engine.too_many_tenants",
                                      "told: engine.command_too_large",
                                      "told: engine.outcome_unknown",
                                      "told: engine.journal_refused",
                                      "reader told: engine.reader_too_slow",
                                      "reader told: engine.stopping"}) {
    counts.declare(name);
  }
  return counts;
}

}  // namespace keel::torture
