#include "node/scrub/scrubber.hpp"

#include "archive/errors.hpp"
#include "archive/store/verify.hpp"
#include "engine/errors.hpp"
#include "engine/snapshot/snapshot_file.hpp"
#include "node/log/events.hpp"
#include "runtime/errors.hpp"

namespace keel::node {

using runtime::MutexLock;
using runtime::Task;

namespace {

constexpr Duration kFirstPause = Duration::seconds(10);  // behind a start
constexpr std::size_t kArchiveStep = std::size_t{64} << 10;
constexpr std::string_view kSnapshotPrefix = "snapshot-";
constexpr std::string_view kSnapshotSuffix = ".keel";

bool is_same(const journal::FileProblem& a, const journal::FileProblem& b) {
  return a.file == b.file && a.problem.offset == b.problem.offset &&
         a.problem.name == b.problem.name;
}

bool holds(const std::vector<journal::FileProblem>& problems, const journal::FileProblem& problem) {
  return std::ranges::any_of(problems, [&](const auto& each) { return is_same(each, problem); });
}

}  // namespace

// One pass: what it reads is counted, what it finds and was not known is logged.
class Scrubber::Watcher final : public journal::ScrubWatcher {
 public:
  explicit Watcher(Scrubber& scrubber) : scrubber_(scrubber) {}

  void began(std::uint64_t cold) override {
    const MutexLock lock(scrubber_.mutex_);
    scrubber_.status_.segment = 0;
    scrubber_.status_.last_segment = cold;
  }
  void checked(std::uint64_t segment, std::uint64_t bytes) override {
    const MutexLock lock(scrubber_.mutex_);
    if (segment != 0) scrubber_.status_.segment = segment;
    scrubber_.status_.bytes += bytes;
  }
  void found(const journal::FileProblem& problem) override {
    if (!holds(found_, problem)) found_.push_back(problem);
    const MutexLock lock(scrubber_.mutex_);
    std::vector<journal::FileProblem>& known = scrubber_.status_.problems;
    if (holds(known, problem) || known.size() == ScrubStatus::kMaxKept) return;
    known.push_back(problem);
    scrubber_.log_.write(kScrubDamage, {{"problem", problem.problem.name},
                                        {"file", std::string_view(problem.file)},
                                        {"offset", problem.problem.offset},
                                        {"expected", std::string_view(problem.problem.expected)}});
  }
  // What was found before and not in this pass is right again.
  void ended() {
    const MutexLock lock(scrubber_.mutex_);
    ++scrubber_.status_.passes;
    std::erase_if(scrubber_.status_.problems,
                  [&](const auto& known) { return !holds(found_, known); });
  }

 private:
  Scrubber& scrubber_;
  std::vector<journal::FileProblem> found_;
};

Scrubber::Scrubber(runtime::Core& core, ScrubOptions options, log::Logger& log)
    : core_(core),
      options_(std::move(options)),
      log_(log),
      pace_(core, std::max<std::uint64_t>(options_.bytes_per_second, 1)) {}

ScrubStatus Scrubber::status() const {
  const MutexLock lock(mutex_);
  return status_;
}

Task<> Scrubber::run(runtime::Wait wait) {
  if (options_.bytes_per_second == 0) co_return;
  Duration pause = std::min(options_.pause, kFirstPause);
  while ((co_await core_.sleep_until(core_.now() + pause, wait)).ok()) {
    pause = options_.pause;
    const Result<> passed = co_await pass(wait);
    if (passed.ok()) continue;
    if (passed.error().is(runtime::kCancelled)) co_return;
    {
      const MutexLock lock(mutex_);
      ++status_.failures;
    }
    log_.write(kScrubFailed, passed.error());
  }
}

Task<Result<>> Scrubber::pass(runtime::Wait wait) {
  Watcher watcher(*this);
  KEEL_CO_TRY(co_await journal::scrub(
      core_, options_.journal_directory,
      {.segment_class = options_.segment_class, .direct = options_.direct}, pace_, watcher, wait));
  KEEL_CO_TRY(co_await check_snapshots(watcher, wait));
  KEEL_CO_TRY(co_await check_archive(watcher, wait));
  watcher.ended();
  const ScrubStatus now = status();
  log_.write(kScrubEnded,
             {{"segments", now.last_segment}, {"problems", std::uint64_t{now.problems.size()}}});
  co_return success();
}

Task<Result<>> Scrubber::check_snapshots(Watcher& watcher, runtime::Wait wait) {
  if (options_.snapshot_directory.empty()) co_return success();
  const auto names = co_await core_.disk().list(options_.snapshot_directory);
  if (!names.ok()) co_return success();  // none was taken so far
  for (const std::string& name : *names) {
    if (!name.starts_with(kSnapshotPrefix) || !name.ends_with(kSnapshotSuffix)) continue;
    auto input = co_await engine::SnapshotInput::open(core_.disk(),
                                                      options_.snapshot_directory + '/' + name);
    for (bool more = input.ok(); more;) {
      const auto frame = co_await (*input)->next();
      if (!frame.ok()) {
        if (!frame.error().is(engine::kBadSnapshot)) co_return frame.error();
        watcher.found({.file = name, .problem = {"snapshot", 0, frame.error().to_string()}});
        break;
      }
      watcher.checked(0, frame->payload.size());
      more = frame->kind != engine::SnapshotFrame::footer;
      KEEL_CO_TRY(co_await pace_.spend(frame->payload.size(), wait));
    }
  }
  co_return success();
}

Task<Result<>> Scrubber::check_archive(Watcher& watcher, runtime::Wait wait) {
  if (options_.archive_directory.empty()) co_return success();
  auto begun = co_await archive::Verifier::begin_newest(
      core_.disk(), options_.archive_directory, options_.archive_tables,
      {.direct = options_.direct, .offload = &core_.offload()});
  // Of other tables: the cell is about to make it anew.
  if (!begun.ok() && begun.error().is(archive::kOtherSchema)) co_return success();
  const std::unique_ptr<archive::Verifier> verifier = KEEL_CO_TRY(std::move(begun));
  std::size_t told = 0;
  for (bool more = verifier != nullptr; more;) {
    const std::uint64_t before = verifier->report().bytes;
    more = KEEL_CO_TRY(co_await verifier->step(kArchiveStep));
    const std::uint64_t bytes = verifier->report().bytes - before;
    watcher.checked(0, bytes);
    for (; told < verifier->report().findings.size(); ++told) {
      const archive::Finding& finding = verifier->report().findings[told];
      watcher.found({.file = finding.file, .problem = {"archive", finding.offset, finding.what}});
    }
    KEEL_CO_TRY(co_await pace_.spend(bytes, wait));
  }
  co_return success();
}

}  // namespace keel::node
