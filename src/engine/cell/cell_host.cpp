#include "engine/cell/cell_host.hpp"

#include "engine/errors.hpp"
#include "kernel/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {
// Of one command.
constexpr std::size_t kMostSubjects = 64;
// Of all commands that wait for keys together; a vault has more keys at hand.
constexpr std::size_t kSubjectsTogether = 512;
// While it waits for the last client to go.
constexpr Duration kLastClientPause = Duration::milliseconds(5);

bool is_for_vault(const Request& request) noexcept {
  return request.unseal() != nullptr || request.erase() != nullptr;
}

}  // namespace

CellHost::CellHost(Parts parts, const CellHostOptions& options)
    : parts_(std::move(parts)),
      options_(options),
      inbox_(parts_.core, options.inbox_capacity),
      room_(parts_.core),
      scope_(parts_.core) {}

void CellHost::stop() noexcept {
  stopping_ = true;
  stop_waiting_.request();
  if (cell_ != nullptr) cell_->stop();
}

runtime::Task<Result<>> CellHost::run() {
  scope_.spawn(&CellHost::take_in, this);
  Result<> ended = co_await open_vault();
  for (const bool may_open = ended.ok(); may_open && !stopping_;) {
    const std::uint64_t openings = openings_;
    ended = co_await open_and_run();
    cell_.reset();
    // A stop ended the replay: nothing has failed.
    if (stopping_ && !ended.ok() && ended.error().is(runtime::kCancelled)) ended = success();
    if (ended.ok() || openings_ == 0) break;
    // Nobody knows when it can be opened: what waits for it is refused.
    failing_ = openings_ == openings;
    if (failing_) room_.set();
    if (parts_.watcher != nullptr) parts_.watcher->failed(ended.error());
    // Cut short by stop().
    static_cast<void>(co_await parts_.core.sleep_until(parts_.core.now() + options_.pause,
                                                       {.cancellation = &stop_waiting_}));
  }
  closed_ = true;
  room_.set();
  co_return ended;
}

runtime::Task<> CellHost::drain() {
  // A node whose cell cannot be opened may get its clients only afterwards.
  inbox_.close();
  while (inbox_.has_clients()) {
    static_cast<void>(co_await parts_.core.sleep_until(parts_.core.now() + kLastClientPause, {}));
  }
  co_await scope_.cancel_and_join();
}

runtime::Task<Result<>> CellHost::open_vault() {
  if (parts_.vault != nullptr || !options_.vault) co_return success();
  own_vault_ = KEEL_CO_TRY(co_await vault::Vault::open(parts_.core, *options_.vault));
  parts_.vault = own_vault_.get();
  co_return success();
}

runtime::Task<Result<>> CellHost::open_and_run() {
  CellWatcher* watcher = parts_.watcher;
  const ReplayProgress progress = [this](const ReplayReport& so_far, Position end) {
    if (parts_.watcher != nullptr) parts_.watcher->replaying(so_far, end);
    return !stopping_;
  };
  std::unique_ptr<journal::Journal> journal = KEEL_CO_TRY(co_await parts_.journals.open());
  CellOptions options = options_.cell;
  options.cold.store.owner = parts_.journals.journal_id();
  cell_ = KEEL_CO_TRY(co_await Cell::open({.core = parts_.core,
                                           .journal = std::move(journal),
                                           .modules = parts_.modules,
                                           .authorizer = parts_.authorizer,
                                           .upcaster = parts_.upcaster,
                                           .vault = parts_.vault,
                                           .room = &room_},
                                          std::move(options), progress));
  ++openings_;
  failing_ = false;
  if (watcher != nullptr) watcher->opened(*cell_);
  room_.set();
  if (stopping_) cell_->stop();
  co_return co_await cell_->run();
}

runtime::Task<> CellHost::take_in() {
  for (;;) {
    const Result<Request*> next = co_await inbox_.pop(scope_.wait());
    if (!next.ok()) co_return;
    if (!co_await wait_for_room(**next)) continue;
    pass_on(**next);
    while (cell_->has_room()) {
      Request* another = inbox_.try_pop();
      if (another == nullptr) break;
      pass_on(*another);
    }
  }
}

runtime::Task<bool> CellHost::wait_for_room(Request& request) {
  while (!closed_ && !failing_ && (cell_ == nullptr || !cell_->has_room())) {
    room_.reset();
    static_cast<void>(co_await room_.wait({}));
  }
  if (!closed_ && !failing_) co_return true;
  request.refuse(kStopping);
  co_return false;
}

void CellHost::pass_on(Request& request) {
  if (is_for_vault(request)) return wait_aside(request);
  if (parts_.vault == nullptr || !request.is_command()) return cell_->submit(request);
  std::vector<kernel::Subject> subjects;
  cell_->subjects_of(request.command(), subjects);
  const bool ready = std::ranges::all_of(
      subjects, [this](const kernel::Subject& each) { return parts_.vault->is_ready(each); });
  if (ready) return cell_->submit(request);
  if (subjects.size() > kMostSubjects) return request.refuse(kTooManySubjects);
  wait_aside(request);
}

void CellHost::wait_aside(Request& request) {
  aside_.push_back(&request);
  if (!std::exchange(preparing_, true)) scope_.spawn(&CellHost::prepare_aside, this);
}

runtime::Task<> CellHost::prepare_aside() {
  while (!aside_.empty()) {
    const std::size_t count = std::min(aside_.size(), kSubjectsTogether / kMostSubjects);
    const std::vector<Request*> batch(aside_.begin(), aside_.begin() + static_cast<long>(count));
    aside_.erase(aside_.begin(), aside_.begin() + static_cast<long>(count));
    std::vector<kernel::Subject> subjects;
    for (const Request* request : batch)
      if (cell_ != nullptr && request->is_command())
        cell_->subjects_of(request->command(), subjects);
    // When it fails for one, each is told by itself.
    if (!subjects.empty()) static_cast<void>(co_await parts_.vault->prepare(subjects));
    for (Request* request : batch) {
      if (is_for_vault(*request)) {
        co_await serve_from_vault(*request);
      } else {
        co_await prepare_one(*request);
      }
    }
  }
  preparing_ = false;
}

runtime::Task<> CellHost::serve_from_vault(Request& request) {
  const Result<> served = request.unseal() != nullptr
                              ? co_await unseal(*request.unseal(), request.answer)
                              : co_await erase(*request.erase(), request.answer);
  if (served.ok()) {
    request.answered();
  } else {
    request.refuse(served.error());
  }
}

runtime::Task<Result<>> CellHost::unseal(const Unseal& what, Answer& answer) {
  const kernel::Subject& subject = what.place.subject;
  KEEL_CO_TRY(parts_.authorizer.authorize_personal(what.principal, subject));
  if (parts_.vault == nullptr) co_return kNoVault;
  // Whoever only reads makes no key.
  if (!parts_.vault->knows(subject)) co_return kernel::kSubjectUnknown;
  KEEL_CO_TRY(co_await parts_.vault->prepare(std::span(&subject, 1)));
  std::optional<Bytes> value = KEEL_CO_TRY(parts_.vault->open(what.place, what.sealed));
  answer.code = value ? 0 : kWasErased;
  if (value) answer.payload = *std::move(value);
  co_return success();
}

runtime::Task<Result<>> CellHost::erase(const Erase& what, Answer& answer) {
  KEEL_CO_TRY(parts_.authorizer.authorize_personal(what.principal, what.subject));
  if (parts_.vault == nullptr) co_return kNoVault;
  answer.code = parts_.vault->is_erased(what.subject) ? kWasErased : 0;
  co_return co_await parts_.vault->erase(what.subject);
}

runtime::Task<> CellHost::prepare_one(Request& request) {
  if (!co_await wait_for_room(request)) co_return;
  std::vector<kernel::Subject> subjects;
  cell_->subjects_of(request.command(), subjects);
  const Result<> prepared = co_await parts_.vault->prepare(subjects);
  if (!prepared.ok()) {
    request.refuse(prepared.error());
  } else if (co_await wait_for_room(request)) {
    cell_->submit(request);
  }
}

}  // namespace keel::engine
