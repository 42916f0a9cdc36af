// What a query over transfers goes through: a list that holds every transfer that may match, in the
// order of creation. Every list has places, numbers that ascend and never change once they are
// taken: a cursor is a place, and new transfers come behind it. What matches is decided elsewhere
// (transfer_queries.cpp), which list to take in plan.hpp. Private to this folder.
#pragma once

#include <memory>
#include <optional>

#include "modules/ledger/state/transfer_list.hpp"

namespace keel::ledger {

struct Candidate {
  std::uint64_t place = 0;
  const Transfer* transfer = nullptr;  // null: somebody else's; valid until the next call
};

// A stretch of places, both ends included, and the way to go through it. Places begin at 1, so that
// an empty one has last < first in either direction.
struct Stretch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool backward = false;

  bool empty() const noexcept { return last < first; }
  // Begins at `place`, in its direction.
  void begin_at(std::uint64_t place) noexcept {
    backward ? last = std::min(last, place) : first = std::max(first, place);
  }
  // Takes the next place off. Not of an empty one.
  std::uint64_t take() noexcept { return backward ? last-- : first++; }
};

class Candidates {
 public:
  virtual ~Candidates() = default;
  // nullopt: the end.
  virtual std::optional<Candidate> next() = 0;
};

// The transfers of one account within a period. Places are their numbers in its list, from 1.
class AccountCandidates final : public Candidates {
 public:
  AccountCandidates(TransferList list, Stretch numbers) : list_(list), numbers_(numbers) {}

  // The numbers of the period's transfers.
  static Stretch within(TransferList& list, Timestamp first, Timestamp last, bool backward);

  std::optional<Candidate> next() override;

 private:
  TransferList list_;
  Stretch numbers_;
};

// Every transfer of the cell, and the ids that failed. Places are the rows' numbers, from 1.
class EveryTransfer final : public Candidates {
 public:
  EveryTransfer(const State& state, TenantId tenant, Stretch places)
      : state_(state), tenant_(tenant), places_(places) {}

  // A place before which no row is of `time` or later.
  static std::uint64_t first_not_before(const State& state, Timestamp time);

  std::optional<Candidate> next() override;

 private:
  const State& state_;
  TenantId tenant_;
  Stretch places_;
};

// The transfers with one value of an indexed field. Places as in EveryTransfer: the cold ones come
// from an index of the archive; of the hot ones, which have none, every row is a candidate.
class PostedTransfers final : public Candidates {
 public:
  // `index` is of TransferHistory, `key` one of its keys, tenant included.
  PostedTransfers(const State& state, TenantId tenant, std::size_t index, Bytes key, Stretch places)
      : hot_(state, tenant, hot_part(state, places)),
        state_(state),
        index_(index),
        key_(std::move(key)),
        cold_(cold_part(state, places)) {}

  std::optional<Candidate> next() override;

 private:
  static Stretch hot_part(const State& state, Stretch places);
  static Stretch cold_part(const State& state, Stretch places);
  std::optional<Candidate> next_cold();
  void read_on();

  EveryTransfer hot_;
  const State& state_;
  std::size_t index_;
  Bytes key_;
  Stretch cold_;          // what was not read from the index yet
  Bytes entries_;         // read
  std::size_t used_ = 0;  // bytes of them
};

}  // namespace keel::ledger
