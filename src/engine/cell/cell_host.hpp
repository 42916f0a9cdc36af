// CellHost: keeps a cell open. It takes requests from the inbox into the cell, and when the fate of
// a group is not known it opens the cell again from its journal: what was in flight was answered
// with kOutcomeUnknown, what waits in the inbox is decided then. While it cannot be opened,
// requests are refused (kStopping), so that nobody waits for what may never come.
//
// A command that seals personal data waits aside until the keys of its persons are at hand; the
// keys of all that wait are fetched, and those of new persons made durable, together. Others pass
// it meanwhile. So does what asks for the vault itself: to open a sealed value, to erase a person.
//
// Thread: the cell's core, also for stop(). Lifetime: run(), then drain(), to their ends before
// destruction.
#pragma once

#include <memory>

#include "archive/manifest.hpp"
#include "engine/cell/cell.hpp"
#include "engine/requests/inbox.hpp"
#include "vault/vault.hpp"

namespace keel::engine {

// Opens the journal of a cell, each time that the cell is opened.
class JournalOpener {
 public:
  virtual ~JournalOpener() = default;
  virtual runtime::Task<Result<std::unique_ptr<journal::Journal>>> open() = 0;
  // The id of the journal that was opened: what is derived from it carries it. Zeros: it has none.
  virtual archive::OwnerId journal_id() const { return {}; }
};

// Hears what happens to a cell. Called on the cell's core.
class CellWatcher {
 public:
  virtual ~CellWatcher() = default;
  virtual void replaying(const ReplayReport& so_far, Position end) {
    static_cast<void>(so_far), static_cast<void>(end);
  }
  virtual void opened(const Cell& cell) { static_cast<void>(cell); }
  // It will be tried again after a pause.
  virtual void failed(const Error& why) { static_cast<void>(why); }
};

struct CellHostOptions {
  std::size_t inbox_capacity = 4096;             // a power of two
  Duration pause = Duration::milliseconds(200);  // before the cell is opened again
  std::optional<vault::VaultOptions> vault{};    // opened first of all, when Parts::vault is null
  CellOptions cell;
};

class CellHost {
 public:
  // What it is given outlives it; the pointers may be null.
  struct Parts {
    runtime::Core& core;
    JournalOpener& journals;
    ModuleFactory modules;
    const Authorizer& authorizer;
    const Upcaster* upcaster = nullptr;
    CellWatcher* watcher = nullptr;
    vault::Vault* vault = nullptr;
  };
  CellHost(Parts parts, const CellHostOptions& options);

  // Works until stop(), then answers what was accepted and closes the journal. The error of the
  // vault or of the first opening, when it fails: the cell cannot start. A later failure is told to
  // the watcher and tried again.
  runtime::Task<Result<>> run();
  void stop() noexcept;
  // After run(): refuses what still comes (kStopping) until the last client has gone.
  runtime::Task<> drain();

  Inbox& inbox() noexcept [[clang::lifetimebound]] { return inbox_; }
  // Null while it is not open.
  Cell* cell() noexcept [[clang::lifetimebound]] { return cell_.get(); }
  std::uint64_t reopenings() const noexcept { return openings_ == 0 ? 0 : openings_ - 1; }

 private:
  runtime::Task<Result<>> open_vault();
  runtime::Task<Result<>> open_and_run();
  runtime::Task<> take_in();
  // To the cell, or aside.
  void pass_on(Request& request);
  void wait_aside(Request& request);
  // Waits until the cell has room; false: the request has been refused.
  runtime::Task<bool> wait_for_room(Request& request);
  runtime::Task<> prepare_aside();
  runtime::Task<> prepare_one(Request& request);
  runtime::Task<> serve_from_vault(Request& request);
  runtime::Task<Result<>> unseal(const Unseal& what, Answer& answer);
  runtime::Task<Result<>> erase(const Erase& what, Answer& answer);

  Parts parts_;
  CellHostOptions options_;
  Inbox inbox_;
  std::unique_ptr<vault::Vault> own_vault_;
  std::unique_ptr<Cell> cell_;
  runtime::Notification room_;   // the cell may have room again
  std::vector<Request*> aside_;  // for keys that are not at hand
  bool preparing_ = false;
  runtime::Cancellation stop_waiting_;
  std::uint64_t openings_ = 0;
  bool stopping_ = false;
  bool closed_ = false;
  bool failing_ = false;  // the last attempt to open the cell again has failed
  runtime::Scope scope_;
};

}  // namespace keel::engine
