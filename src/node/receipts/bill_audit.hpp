// BillAudit: whether the bills in a journal are right, from its records alone: the module that made
// them is not asked.
//
//   - A session's bills are versions 1, 2, … without a gap, each with sums that add up.
//   - The transfers that a bill names were made together with it, each is named by one bill, and
//     they move its total twice: from who pays to one account (clearing), and all of it on to two
//     others, net and tax. Those that take back the version before move that one's total the way
//     back. That these accounts are those of the settings is not looked at.
//   - Every reading that was recorded as billed is in the bill: the bill counts as many as there
//     were, and a session is billed only when it is over. Readings that came after a bill made for
//     want of a stop are in the next one.
//   - The chain over the readings (docs/charging.md) is worked out anew from what was recorded: the
//     start, each reading that counts, the stop. Of a session whose start is behind a cut it is
//     followed from the first link that is there.
//   - Readings that came too late for any bill, or of no known session, are counted.
//   - Signatures of meters are checked again (signed_values.hpp): what was said of each is so, and
//     what stands on a bill holds by the key beside it.
//
// Records come in order. Memory: about 160 bytes a session, and the transfers of one command.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "journal/port.hpp"
#include "modules/charging/events.hpp"
#include "node/receipts/signed_values.hpp"

namespace keel::node {

class BillAudit {
 public:
  struct Problem {
    Position position;
    std::string what;
  };

  // Where a journal begins behind a cut, what went before is not known: sessions that are not known
  // are taken as they come.
  explicit BillAudit(bool from_beginning)
      : from_beginning_(from_beginning), signed_(from_beginning) {}

  void take(const journal::Record& record);

  std::uint64_t sessions() const noexcept { return sessions_.size(); }
  std::uint64_t bills() const noexcept { return bills_; }
  // Readings that their stations were told were taken: those of sessions, and those of none.
  std::uint64_t readings() const noexcept { return readings_; }
  std::uint64_t unplaced_readings() const noexcept { return unplaced_readings_; }
  // The first hundred.
  const std::vector<Problem>& problems() const noexcept [[clang::lifetimebound]] {
    return problems_;
  }

 private:
  struct Key {
    TenantId tenant;
    charging::SessionNumber session;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // What a bill comes to, or one that is taken back.
  struct Amounts {
    std::uint64_t net = 0;
    std::uint64_t tax = 0;
    std::uint64_t total = 0;
  };
  struct Session {
    std::uint32_t readings = 0;
    Digest digest{};
    Timestamp newest;           // of the readings that are billed, as it counts
    std::uint32_t version = 0;  // of its newest bill
    Amounts amounts;            // of its newest bill
    std::uint32_t billed = 0;   // readings in its newest bill
    bool followed = false;      // its readings until now are known
    bool stopped = false;
    bool final = false;  // its end was told, or is waited for no more
  };

  template <typename Event>
  void take_event(const journal::Record& record);
  void on(const charging::MeterKeyRegistered& event);
  void on(const charging::SessionStarted& event);
  void on(const charging::ReadingsRecorded& event);
  void on(const charging::IdleChanged& event);
  void on(const charging::SessionStopped& event);
  void on(const charging::SessionClosed& event);
  void on(const charging::CorrectionEnded& event);
  void on(const charging::ReadingsUnplaced& event);
  void take_transfers(const journal::Record& record);
  // The session, which has begun; null: it has not, and that was noted.
  Session* find(charging::SessionNumber session);
  // A register at a moment that is billed: a link of the session's chain.
  struct Point {
    Timestamp time;
    std::uint64_t register_wh = 0;
  };
  // What the record says of the readings until now, these having come to those before.
  void advance(Session& session, const charging::Usage& usage, std::span<const Point> billed);
  void check_sums(const charging::SessionClosed& bill);
  enum class Direction : std::uint8_t { posted, taken_back };
  // The transfers that a bill names, taken out of what the command moved.
  void check_postings(const std::vector<uint128>& transfers, const Amounts& amounts,
                      Direction direction);
  void problem(std::string what);

  bool from_beginning_;
  SignedAudit signed_;
  Position position_;
  TenantId tenant_;
  Timestamp time_;  // of the record
  std::map<Key, Session> sessions_;
  CommandId command_;
  struct Moved {
    uint128 transfer = 0;
    uint128 debit = 0;
    uint128 credit = 0;
    std::uint64_t amount = 0;
  };
  std::vector<Moved> moved_;  // by the command so far; what a bill has named is taken out
  std::uint64_t bills_ = 0;
  std::uint64_t readings_ = 0;
  std::uint64_t unplaced_readings_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace keel::node
