// The journal as the engine sees it: an ordered, durable, hash-chained list of groups of records,
// with one writer. Local segment files stand behind it, a simulated disk, or a distributed log.
//
// docs/journal-format.md is the format of the bytes. Thread: the cell's writer core.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"

namespace keel::journal {

// What stands beside each payload. The journal fills in the sequence; the rest is the engine's.
struct Envelope {
  Position sequence{};
  Timestamp time{};  // cell time
  TenantId tenant{};
  PrincipalId principal{};
  CommandId command{};
  CorrelationId correlation{};
  CausationId causation{};
  std::uint32_t type = 0;  // kernel::EventType; module 0 is the engine's own records
  std::uint16_t schema_version = 0;
  std::uint16_t row_bytes = 0;  // not zero: the payload is packed rows of this size
};

struct Record {
  Envelope envelope;
  ByteView payload;  // lives until the cursor that gave it moves on
};

// The group that is forming: records in the journal's own buffer, ready to be written without a
// copy. Obtained from Journal::form(); bounded: append() refuses when the group is full.
class GroupBuilder {
 public:
  struct Mark {
    std::size_t records = 0;
    std::size_t bytes = 0;
  };

  virtual ~GroupBuilder() = default;

  // The sequence given to the record, or nullopt when it does not fit any more.
  virtual std::optional<Position> append(const Envelope& envelope, ByteView payload) = 0;
  // Lengthens the payload of the last record (packed rows); false when it does not fit.
  [[nodiscard]] virtual bool extend_last(ByteView row) = 0;
  // Computes what is left of the last record's checksum and hash, which append() to the journal
  // would do otherwise: for a caller who waits for the group before. The record may grow all the
  // same, but is then hashed anew.
  virtual void close_last() = 0;
  virtual Mark mark() const = 0;
  // Takes back all records and bytes after the mark, also bytes by which the last record was
  // lengthened.
  virtual void truncate(Mark to) = 0;

  virtual bool empty() const = 0;
  virtual std::size_t remaining_bytes() const = 0;  // payload bytes that one more record could hold
  virtual Position last() const = 0;  // of the last record, or the one before this group
};

enum class AppendOutcome : std::uint8_t {
  durable,  // in the journal for ever, in the mode that durability() names
  refused,  // nothing was written (no space, fenced before writing): undo and go on
  unknown,  // may or may not be there: no answers; reopen and look
};

struct AppendResult {
  AppendOutcome outcome = AppendOutcome::unknown;
  std::optional<Error> error;  // why, unless durable
};

// Reads records in order, from a position on, only what is durable. Does not block the writer.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // The next record, or nullopt when the durable end has been reached (try again after more is
  // durable). An error of class corrupt names file, offset and expectation.
  virtual runtime::Task<Result<std::optional<Record>>> next() = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;

  // The buffer for the next group. Two exist: one can form while one is on its way to disk.
  // Null when both are in use, or one is forming already (where the next begins is not known yet).
  virtual GroupBuilder* form() = 0;
  // Writes and syncs the group, which is not empty; appends are monotone: in the order of the
  // calls. The builder is the journal's again when this returns. A group that was formed behind one
  // that was refused is refused too (kOutOfOrder): its numbers are not right any more.
  virtual runtime::Task<AppendResult> append(GroupBuilder& group) = 0;
  // Gives a builder back unwritten; its records are gone.
  virtual void discard(GroupBuilder& group) = 0;

  virtual Position durable() const = 0;     // last durable position, 0 when empty
  virtual Timestamp last_time() const = 0;  // cell time of the last durable record
  // How many groups may be in flight at once.
  virtual std::size_t in_flight_limit() const = 0;
  // "fdatasync, local files", "none (simulated)", "replicated, unsynced" …: stands in receipts and
  // reports.
  virtual std::string_view durability() const = 0;

  // A cursor that starts after `after`. Several may be open; each has a bounded buffer.
  virtual runtime::Task<Result<std::unique_ptr<Cursor>>> read(Position after) = 0;
  // Success when something after `after` is durable; else kDeadline or kCancelled.
  virtual runtime::Task<Result<>> wait_durable(Position after, runtime::Wait wait) = 0;

  // A durable snapshot holds everything up to `position`, which is durable: the next opening need
  // not check what lies far before it. A journal that checks everything has no use for that.
  virtual runtime::Task<Result<>> checkpoint(Position position) {
    static_cast<void>(position);
    co_return success();
  }
  // Whoever builds a state on what comes after `after` asks for this first: success when all of it
  // was checked in full since the opening, which may take a walk through the journal. Its error is
  // that of an opening.
  virtual runtime::Task<Result<>> check_after(Position after) {
    static_cast<void>(after);
    co_return success();
  }

  // Called once at the end: seals what is written, closes files. After it only destruction is
  // allowed.
  virtual runtime::Task<Result<>> close() = 0;
};

}  // namespace keel::journal
