// BillAudit: whether the bills in a journal are right, from its records alone: the module that made
// them is not asked.
//
//   - A session's bills are versions 1, 2, … without a gap, each with sums that add up.
//   - The transfers that a bill names were made together with it, each is named by one bill, and
//   they
//     move its total twice: from who pays to clearing, and on to revenue and tax. Those that take
//     back the version before move that one's total twice.
//   - Every reading that was recorded as billed is in the bill: the bill counts as many as there
//   were,
//     and carries the same chain over them, and a session is billed only when it is over.
//
// Records come in order. Memory: about 150 bytes a session, and the transfers of one command.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "journal/port.hpp"
#include "modules/charging/events.hpp"

namespace keel::node {

class BillAudit {
 public:
  struct Problem {
    Position position;
    std::string what;
  };

  // Where a journal begins behind a cut, what went before is not known: sessions that are not known
  // are taken as they come.
  explicit BillAudit(bool from_beginning) : from_beginning_(from_beginning) {}

  void take(const journal::Record& record);

  std::uint64_t sessions() const noexcept { return sessions_.size(); }
  std::uint64_t bills() const noexcept { return bills_; }
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
  struct Session {
    std::uint32_t readings = 0;
    Digest digest{};
    std::uint32_t version = 0;  // of its newest bill
    std::uint64_t total = 0;
    bool stopped = false;
  };

  template <typename Event>
  void take_event(const journal::Record& record);
  void on(const charging::SessionStarted& event);
  void on(const charging::ReadingsRecorded& event);
  void on(const charging::IdleChanged& event);
  void on(const charging::SessionStopped& event);
  void on(const charging::SessionClosed& event);
  void take_transfers(const journal::Record& record);
  // The session, which has begun; null: it has not, and that was noted.
  Session* find(charging::SessionNumber session);
  void advance(Session& session, const charging::Usage& usage, std::uint32_t fewest,
               std::uint32_t most);
  void check_sums(const charging::SessionClosed& bill);
  void check_postings(const std::vector<uint128>& transfers, std::uint64_t total,
                      std::string_view what);
  void problem(std::string what);

  bool from_beginning_;
  Position position_;
  TenantId tenant_;
  std::map<Key, Session> sessions_;
  CommandId command_;
  struct Moved {
    uint128 transfer = 0;
    std::uint64_t amount = 0;
  };
  std::vector<Moved> moved_;  // by the command so far; what a bill has named is taken out
  std::uint64_t bills_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace keel::node
