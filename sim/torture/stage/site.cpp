#include "sim/torture/stage/site.hpp"

#include <fmt/core.h>

#include "engine/errors.hpp"
#include "journal/errors.hpp"
#include "journal/fake/slow_log.hpp"
#include "journal/local/local_journal.hpp"
#include "journal/verify/verify.hpp"
#include "sim/torture/stage/modules.hpp"

namespace keel::torture {

namespace {

constexpr PrincipalId kStranger{99};
constexpr Duration kPatience = Duration::seconds(600);
constexpr int kAttempts = 30;  // to start on a disk that fails

runtime::Task<> run_host(engine::CellHost* host, std::optional<Result<>>* ended, bool* drained) {
  ended->emplace(co_await host->run());
  co_await host->drain();
  *drained = true;
}

}  // namespace

// All but one stranger may do everything.
class Site::Everybody final : public engine::Authorizer {
 public:
  Result<> authorize(PrincipalId who, const kernel::Command&) const override { return judge(who); }
  Result<> authorize(PrincipalId who, const kernel::Query&) const override { return judge(who); }
  Result<> authorize_reading(PrincipalId who, std::optional<TenantId>) const override {
    return judge(who);
  }

 private:
  static Result<> judge(PrincipalId who) {
    if (who == kStranger) return engine::kNotAllowed;
    return success();
  }
};

class Site::Opener final : public engine::JournalOpener {
 public:
  Opener(Run& run, Site& site, journal::RemoteLog* log) : run_(run), site_(site), log_(log) {}

  runtime::Task<Result<std::unique_ptr<journal::Journal>>> open() override {
    runtime::Core& core = site_.machine_.core(0);
    if (log_ != nullptr) {
      journal::SlowLogOptions options = run_.plan.log;
      options.seed = run_.random.next();
      if (!run_.faults_on) options.refused_percent = options.unknown_percent = 0;
      co_return std::make_unique<journal::SlowLog>(core, *log_, options);
    }
    const std::string rescue = std::string(kJournalDirectory) + "/main.rescue";
    const bool rescued = site_.machine_.medium().find(rescue) != nullptr;
    auto opened = KEEL_CO_TRY(
        co_await journal::LocalJournal::open(core, kJournalDirectory, run_.plan.journal));
    site_.watch_.recovered(opened.report, rescued);
    if (run_.damaged() && opened.report.dropped) {
      run_.counts.add("damage: cost the last write, which was reported");
      const std::uint64_t lost = run_.told.forget_after(opened.report.last);
      if (lost > 0) run_.counts.add("damage: acknowledged commands lost with it", lost);
    }
    if (run_.damaged()) KEEL_CO_TRY(co_await verify_all(core, *opened.journal));
    co_return std::unique_ptr<journal::Journal>(std::move(opened.journal));
  }

 private:
  // What an opening does not look at: its operator runs the verifier.
  runtime::Task<Result<>> verify_all(runtime::Core& core, journal::LocalJournal& journal) {
    const auto verified = KEEL_CO_TRY(co_await journal::verify(core.disk(), kJournalDirectory));
    if (verified.ok()) co_return success();
    run_.counts.add("damage: before the checkpoint, found by verify");
    KEEL_CO_TRY(co_await journal.close());
    co_return Error(journal::kCorrupt, verified.problems.front().to_string());
  }

  Run& run_;
  Site& site_;
  journal::RemoteLog* log_;
};

Site::Site(Run& run, journal::RemoteLog* log, std::uint32_t number)
    : run_(run),
      name_(fmt::format("site {}", number)),
      machine_(run.world.add_machine(fmt::format("10.0.0.{}", number), 3)),
      watch_(run, name_),
      authorizer_(std::make_unique<Everybody>()),
      opener_(std::make_unique<Opener>(run, *this, log)) {}

Site::~Site() {
  KEEL_ASSERT(host_ == nullptr || run_.hung);
}

bool Site::start() {
  engine::CellHostOptions options{.inbox_capacity = run_.plan.inbox,
                                  .pause = Duration::milliseconds(20),
                                  .cell = run_.plan.cell};
  for (int attempt = 0; machine_.power().on && attempt < kAttempts; ++attempt) {
    host_ =
        std::make_unique<engine::CellHost>(engine::CellHost::Parts{.core = machine_.core(0),
                                                                   .journals = *opener_,
                                                                   .modules = modules_of(run_.plan),
                                                                   .authorizer = *authorizer_,
                                                                   .watcher = &watch_},
                                           options);
    watch_.attach(*host_, machine_.core(0).clock());
    ended_.reset();
    drained_ = stopping_ = false;
    machine_.start(0, run_host, host_.get(), &ended_, &drained_);
    const auto begun = [this] {
      return host_->cell() != nullptr || ended_ || !machine_.power().on;
    };
    if (!run_.world.run_until_true(begun, kPatience)) {
      return hang("the cell does not open in ten minutes");
    }
    if (host_->cell() != nullptr) {
      client_ = std::make_unique<engine::CellClient>(machine_.core(1), host_->inbox());
      return true;
    }
    host_->stop();  // it may have been open, and be trying again without power
    // Not until nothing happens any more: another site may be up.
    if (!run_.world.run_until_true([this] { return drained_ && machine_.at_rest(); }, kPatience)) {
      return hang("a cell that did not open does not end");
    }
    const Error why = ended_->ok() ? Error(engine::kStopping) : ended_->error();
    host_.reset();
    run_.say(fmt::format("{}: did not start: {}", name_, why.kind().name), why.detail());
    run_.counts.add(fmt::format("start failed: {}", why.kind().name));
    if (!machine_.power().on) return false;
    if (why.error_class() == ErrorClass::corrupt) {
      damage_ = why;
      return false;
    }
  }
  return false;
}

void Site::stop() {
  stopping_ = true;
  if (host_ == nullptr || run_.hung) return;
  watch_.look();
  host_->stop();
  if (!run_.world.run_until_true([this] { return guests_ == 0; }, kPatience)) {
    hang("a request was not answered within ten minutes of a stop");
    return;
  }
  client_.reset();
  if (!run_.world.run_until_true([this] { return drained_ && machine_.at_rest(); }, kPatience)) {
    hang("the cell does not stop in ten minutes");
    return;
  }
  if (ended_ && !ended_->ok())
    run_.say(fmt::format("{} ended: {}", name_, ended_->error().kind().name));
  watch_.settle();
  host_.reset();
}

bool Site::hang(std::string_view what) {
  run_.find(fmt::format("[liveness] {}: {}", name_, what));
  run_.hung = true;
  return false;
}

void Site::cut_power() {
  machine_.cut_power();
  run_.say(name_ + ": the power goes");
}

void Site::restore() {
  machine_.restore_power();
}

void Site::kill() {
  machine_.kill();
  run_.say(name_ + ": killed");
  run_.counts.add("killed");
}

}  // namespace keel::torture
