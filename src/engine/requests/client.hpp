// CellClient: a cell as servers see it, from their own core.
//
//   Result<Answer> answer = co_await client.submit(command, wait);
//
// The request lives in the awaiting frame, passes through the cell's bounded inbox, and comes back
// with its answer: nothing is allocated. When the inbox is full the request is refused at once
// (kQueueFull, try again after kRetryAfter). Once it has been accepted it is always answered, and
// cannot be called off: deadline and cancellation of the wait are looked at before, not after.
//
// Thread: one core, its own; the cell may live on any. Lifetime: the inbox outlives the client, the
// client its requests; clients go before their CellHost stops.
#pragma once

#include <coroutine>

#include "engine/cell/statistics.hpp"
#include "engine/requests/inbox.hpp"
#include "engine/requests/reply_line.hpp"
#include "runtime/core.hpp"
#include "runtime/wait.hpp"

namespace keel::engine {

class CellClient;

// What to tell a caller who was refused for overload.
inline constexpr Duration kRetryAfter = Duration::milliseconds(200);

// A request under way; awaited where it is made.
class [[nodiscard]] Submission final : public Request {
 public:
  template <typename What>
  Submission(CellClient& client, const What& what, runtime::Wait wait, Bytes buffer)
      : Request(what), client_(client), wait_(wait) {
    answer.payload = std::move(buffer);
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) noexcept;
  Result<Answer> await_resume() { return take(); }

 private:
  friend class ReplyLine;
  void settled() noexcept override;

  CellClient& client_;
  runtime::Wait wait_;
  std::coroutine_handle<> waiting_;
  Submission* next_reply_ = nullptr;
};

class CellClient {
 public:
  CellClient(runtime::Core& core, Inbox& inbox) : core_(core), inbox_(inbox), replies_(core) {
    inbox_.enter();
  }
  ~CellClient() {
    KEEL_ASSERT(under_way_ == 0);
    inbox_.leave();
  }
  CellClient(const CellClient&) = delete;
  CellClient& operator=(const CellClient&) = delete;

  // `buffer` becomes the answer's payload: give back the one of an earlier answer.
  Submission submit(const kernel::Command& command, runtime::Wait wait, Bytes buffer = {}) {
    return {*this, command, wait, std::move(buffer)};
  }
  Submission query(const kernel::Query& query, runtime::Wait wait, Bytes buffer = {}) {
    return {*this, query, wait, std::move(buffer)};
  }
  // How the cell is doing.
  runtime::Task<Result<Statistics>> statistics(runtime::Wait wait);

  // A personal value as it was before it was sealed; nullopt: its person has been erased. Errors:
  // kNotAllowed, kNoVault, kernel::kSubjectUnknown, kernel::kSealBroken, and of the vault.
  runtime::Task<Result<std::optional<Bytes>>> unseal(Unseal what, runtime::Wait wait);
  // Destroys a person's key, durably; true: it had been destroyed before. vault::kNoSuchSubject.
  runtime::Task<Result<bool>> erase(Erase what, runtime::Wait wait);

  std::size_t under_way() const noexcept { return under_way_; }
  runtime::Core& core() const noexcept { return core_; }

 private:
  friend class Submission;
  friend class ReplyLine;

  runtime::Core& core_;
  Inbox& inbox_;
  ReplyLine replies_;
  std::size_t under_way_ = 0;
};

}  // namespace keel::engine
