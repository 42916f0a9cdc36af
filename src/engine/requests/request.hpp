// Request: one command or query on its way through a cell, and back with its answer. It lives in
// the frame of whoever asks, is linked into the cell's queues through its own members, and so costs
// no allocation.
//
// Lifetime: from submission until settled() the request belongs to the cell, together with all the
// bytes that its command or query views. Every request is settled exactly once, also when the cell
// stops. Thread: built anywhere, then used by the cell's core only, until settled.
#pragma once

#include <optional>
#include <variant>

#include "base/hash/digest.hpp"
#include "base/result.hpp"
#include "engine/requests/answer.hpp"
#include "kernel/command.hpp"
#include "kernel/personal.hpp"

namespace keel::engine {

// What makes two commands of one id the same: principal, type, schema version, expected revision
// and payload. SHA-256, so that an id cannot be made to stand for another body; computed where the
// request is built, off the cell's core.
Digest command_digest(const kernel::Command& command);

// Asks how the cell is doing; the answer's payload is its Statistics.
struct Look {};

// Asks for a batch of history (history_reader.hpp), which goes to where the pull says.
struct Pull;
struct Read {
  PrincipalId principal;
  Pull* pull = nullptr;
};

// What only a vault can do; the cell's host answers it, as soon as the key is at hand. The answer
// to Unseal is the value; to either, code kWasErased: the key had been destroyed before.
struct Unseal {
  PrincipalId principal;
  kernel::SealedPlace place;
  ByteView sealed;
};
struct Erase {
  PrincipalId principal;
  kernel::Subject subject;
};
inline constexpr std::uint16_t kWasErased = 1;

class Request {
 public:
  explicit Request(const kernel::Command& command)
      : what_(command), digest_(command_digest(command)) {}
  explicit Request(const kernel::Query& query) : what_(query) {}
  explicit Request(Look look) : what_(look) {}
  explicit Request(const Read& read) : what_(read) {}
  explicit Request(const Unseal& unseal) : what_(unseal) {}
  explicit Request(const Erase& erase) : what_(erase) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  bool is_command() const noexcept { return std::holds_alternative<kernel::Command>(what_); }
  bool is_query() const noexcept { return std::holds_alternative<kernel::Query>(what_); }
  const kernel::Command& command() const { return std::get<kernel::Command>(what_); }
  const kernel::Query& query() const { return std::get<kernel::Query>(what_); }
  const Read* read() const noexcept { return std::get_if<Read>(&what_); }
  const Unseal* unseal() const noexcept { return std::get_if<Unseal>(&what_); }
  const Erase* erase() const noexcept { return std::get_if<Erase>(&what_); }
  const Digest& digest() const noexcept { return digest_; }

  // Filled by the cell. A buffer put into `answer.payload` beforehand is reused.
  Answer answer;
  std::optional<Error> error;

  // The answer, or the error, moved out; once, after settled().
  Result<Answer> take();
  // Settles it with what stands in `answer`, in place of a cell.
  void answered() { settled(); }
  // Settles it with an error, before it has come to a cell.
  void refuse(Error why) {
    error.emplace(std::move(why));
    settled();
  }

 protected:
  ~Request() = default;

 private:
  friend class RequestQueue;
  friend class Cell;
  friend class Pipeline;
  friend class ReleaseQueue;

  // Called once by the cell, on its core, as the last thing that it does with this request.
  virtual void settled() noexcept = 0;

  std::variant<kernel::Command, kernel::Query, Look, Read, Unseal, Erase> what_;
  Digest digest_{};
  Request* next_ = nullptr;
  Timestamp arrived_;              // in the cell, monotonic
  Position release_at_;            // may leave when this is durable
  bool reply_in_journal_ = false;  // a repeat whose payload must be read from the journal
};

// A first-in, first-out list of requests, linked through them.
class RequestQueue {
 public:
  RequestQueue() = default;
  RequestQueue(const RequestQueue&) = delete;
  RequestQueue& operator=(const RequestQueue&) = delete;
  ~RequestQueue() { KEEL_ASSERT(empty()); }

  bool empty() const noexcept { return first_ == nullptr; }
  std::size_t size() const noexcept { return size_; }
  Request* front() const noexcept { return first_; }
  void push(Request& request) noexcept;
  Request* pop() noexcept;  // nullptr when empty

 private:
  Request* first_ = nullptr;
  Request* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace keel::engine
